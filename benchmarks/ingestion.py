"""What cleaning costs, against the least that DuckDB needs to read the nine files and write them as parquet.

    python benchmarks/ingestion.py <folder with the nine CSVs>

Both are run in turn, several times, and the fastest run of each counts: other work on the machine
only ever makes a run slower. Exit code 1 where cleaning takes more than 2.5 times as long.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import yaml

from olist_kedro.contracts import PARENTS, Contracts, parse_contracts
from olist_kedro.datasets.parquet_table import ParquetTable
from olist_kedro.pipelines.ingestion.nodes import make_cleaner
from olist_kedro.sources.staging import RawCSV

CONTRACTS = Path(__file__).parents[1] / "conf" / "base" / "parameters_contracts.yml"
LIMIT = 2.5


def clean(folder: Path, output: Path, contracts: Contracts) -> None:
    """Check, clean and write every file, as the pipeline does."""
    warehouse = {"backend": "duckdb", "path": ":memory:"}
    files = {
        name: ParquetTable(filepath=str(output / f"{name}.parquet"), connection=warehouse)
        for name in contracts
    }
    for table in TopologicalSorter({name: PARENTS.get(name, ()) for name in contracts}).static_order():
        csv = RawCSV(folder / contracts[table].file, "benchmark", False)
        parents = [files[parent].load() for parent in PARENTS.get(table, ())]
        rows, _, _ = make_cleaner(table)(csv, {table: csv.header()}, contracts[table], *parents)
        files[table].save(rows)


def read_and_write(folder: Path, output: Path, contracts: Contracts) -> None:
    """Read every file and write it, with DuckDB's own idea of its types and no checks."""
    with duckdb.connect() as connection:
        for table, contract in contracts.items():
            rows = connection.read_csv(str(folder / contract.file))
            rows.write_parquet(str(output / f"{table}.parquet"))


def seconds(work: Callable[[Path, Path, Contracts], None], folder: Path, contracts: Contracts) -> float:
    """Time one run, writing into a folder of its own."""
    with tempfile.TemporaryDirectory() as output:
        start = time.perf_counter()
        work(folder, Path(output), contracts)
        return time.perf_counter() - start


def main() -> int:
    """Measure both, print the figures, and say whether the limit is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder with the nine CSVs")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each (default: 5)")
    arguments = parser.parse_args()
    contracts = parse_contracts(yaml.safe_load(CONTRACTS.read_text(encoding="utf-8"))["contracts"])
    plain, cleaning = [], []
    for _ in range(arguments.repeat):
        plain.append(seconds(read_and_write, arguments.folder, contracts))
        cleaning.append(seconds(clean, arguments.folder, contracts))
    ratio = min(cleaning) / min(plain)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"read and write {min(plain):6.2f} s")
    print(f"clean          {min(cleaning):6.2f} s   {ratio:.2f} times (at most {LIMIT})")
    print(f"peak memory    {memory:6.0f} MB")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
