"""What Kedro adds to dbt, and what dbt adds to the start of Kedro.

    python benchmarks/dbt.py                      # on generated data
    python benchmarks/dbt.py --data <folder or zip>   # on the real data; or OLIST_DATA=<folder or zip>

Three ways to build and test the whole dbt project, in turn, each in a fresh process in a copy of the project:

    plain     one `dbt build`, called from Python with the same flags
    Kedro     `kedro run --pipeline=dbt`: every relation a node
    one each  the same with one `dbt build` for each node

The time of the build counts, dbt's import and parsing included, and beside it that of the whole process. Then
the start of `kedro registry list` and of `kedro registry describe dbt`, which reads the manifest. The median
counts. Exit code 1 where Kedro takes more than 1.25 times as long as plain dbt.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parents[1]
KEDRO = Path(sys.executable).parent / "kedro"
LIMIT = 1.25

PLAIN = """
import os, sys, time
from pathlib import Path
os.environ["OLIST_DUCKDB_PATH"] = str(Path("data/03_primary/olist.duckdb").resolve())
from olist_kedro.dbt import DbtProject
project = DbtProject(Path("dbt"), Path("dbt"), Path("dbt/target/plain"), "duckdb")
start = time.perf_counter()
from dbt.cli.main import dbtRunner
outcome = dbtRunner().invoke([*project.global_flags(), "build", *project.flags()])
assert outcome.success, outcome
print("seconds", time.perf_counter() - start)
"""

KEDRO_RUN = """
import sys, time
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
from olist_kedro.dbt import builder
bootstrap_project(Path.cwd())
if sys.argv[1] == "one each":
    builder.DbtBuilder.prepare = lambda self, order, dependencies, exists: setattr(self, "_exists", exists)
with KedroSession.create(Path.cwd()) as session:
    session.load_context()
    start = time.perf_counter()
    session.run(pipeline_names=["dbt"], runner=SequentialRunner())
    print("seconds", time.perf_counter() - start)
"""


def run(folder: Path, *command: str | Path) -> tuple[float, float]:
    """Run a command; return the seconds that it reports (0 if none) and those of its whole process."""
    start = time.perf_counter()
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    whole = time.perf_counter() - start
    if process.returncode != 0:
        raise SystemExit(process.stderr)
    reported = [line.split()[1] for line in process.stdout.splitlines() if line.startswith("seconds ")]
    return float(reported[0]) if reported else 0.0, whole


def copy_project(folder: Path) -> None:
    """Copy what a run needs; the installed package is used."""
    for name in ("conf", "dbt"):
        shutil.copytree(
            PROJECT / name, folder / name, ignore=shutil.ignore_patterns("target", "logs", "local")
        )
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT / name, folder)
    for name in ("src", "conf/local"):
        (folder / name).mkdir()


def main() -> int:
    """Measure, print the figures, and say whether the limit is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("OLIST_DATA"), help="folder or zip; else OLIST_DATA")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(folder)
        source = f"local,ingestion.path={Path(arguments.data).resolve()}" if arguments.data else "synthetic"
        run(folder, KEDRO, "run", "--pipeline=ingestion", "--params", f"ingestion.source={source}")
        ways = {
            "plain": (sys.executable, "-c", PLAIN),
            "Kedro": (sys.executable, "-c", KEDRO_RUN, "together"),
            "one each": (sys.executable, "-c", KEDRO_RUN, "one each"),
        }
        for command in ways.values():
            run(folder, *command)  # so that every one of them finds its project parsed
        times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(arguments.repeat):
            for way, command in ways.items():
                times[way].append(run(folder, *command))
        medians = {way: [median(column) for column in zip(*runs, strict=True)] for way, runs in times.items()}
        plain = medians["plain"]
        print(f"{'dbt build':<12} {'build':>8} {'ratio':>6} {'process':>9} {'ratio':>6}")
        for way, (build, whole) in medians.items():
            print(
                f"{way:<12} {build:>6.2f} s {build / plain[0]:>6.2f} {whole:>7.2f} s {whole / plain[1]:>6.2f}"
            )
        for what in (["list"], ["describe", "dbt"]):
            starts = [run(folder, KEDRO, "registry", *what)[1] for _ in range(2 * arguments.repeat + 1)]
            print(f"kedro registry {' '.join(what):<13} {median(starts):>5.2f} s")
        return int(medians["Kedro"][0] > LIMIT * plain[0])


if __name__ == "__main__":
    sys.exit(main())
