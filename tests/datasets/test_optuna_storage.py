"""The journal of Optuna's studies."""

from __future__ import annotations

import json
from pathlib import Path

import optuna
import pytest
from kedro.io import DatasetError

from olist_kedro.datasets.optuna_storage import OptunaStorage, UnreadableStudyError

optuna.logging.set_verbosity(optuna.logging.WARNING)


def add_trial(storage: OptunaStorage) -> optuna.Study:
    study = optuna.create_study(storage=storage.load(), study_name="study", load_if_exists=True)
    trial = study.ask({"rows": optuna.distributions.IntDistribution(1, 9)})
    study.tell(trial, 0.5)
    return study


def test_trials_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    storage = OptunaStorage(filepath=str(tmp_path / "new/studies.jsonl"))
    assert not storage.exists()

    add_trial(storage)
    study = add_trial(storage)

    assert storage.exists()
    assert [trial.values for trial in study.trials] == [[0.5], [0.5]]


def test_the_file_is_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "studies.jsonl"
    add_trial(OptunaStorage(filepath=str(path)))

    lines = [json.loads(line) for line in path.read_text().splitlines()]

    assert any(line.get("study_name") == "study" for line in lines)


def test_a_line_that_a_crash_cut_off_is_dropped(tmp_path: Path) -> None:
    """Optuna would write the next line behind it, and could never read the file again."""
    path = tmp_path / "studies.jsonl"
    storage = OptunaStorage(filepath=str(path))
    add_trial(storage)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code":4,"worker')

    storage.load()
    assert path.read_bytes() == whole

    path.write_bytes(whole + b'{"op_code":4,"worker')
    assert len(add_trial(storage).trials) == 2
    assert len(add_trial(storage).trials) == 3


@pytest.mark.parametrize("content", ["not JSON\n", '{"op_code": 77}\n', "[1]\n"])
def test_a_file_that_is_no_journal_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "studies.jsonl"
    path.write_text(content * 2)

    with pytest.raises((UnreadableStudyError, DatasetError), match="Move the file away"):
        OptunaStorage(filepath=str(path)).load()


def test_nothing_is_saved_over_the_studies(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="written by the studies"):
        OptunaStorage(filepath=str(tmp_path / "studies.jsonl")).save("a study")
