"""Run directories: nothing is overwritten, every file is whole, changed programs are noticed."""

import json
import os

import pytest

from jaxcar.errors import RunError
from jaxcar.run import store


def test_a_new_run_never_touches_an_older_one(tmp_path):
    paths = [store.create(tmp_path / "demo", f"n: {i}").path for i in range(3)]
    assert [path.name for path in paths] == ["demo", "demo-2", "demo-3"]
    assert [(path / "config.yaml").read_text() for path in paths] == ["n: 0", "n: 1", "n: 2"]
    assert sorted(os.listdir(tmp_path)) == ["demo", "demo-2", "demo-3"]


def test_an_empty_directory_is_taken_and_a_file_is_not(tmp_path):
    (tmp_path / "empty").mkdir()
    assert store.create(tmp_path / "empty", "").path.name == "empty"
    (tmp_path / "file").write_text("mine")
    assert store.create(tmp_path / "file", "").path.name == "file-2"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_place_that_cannot_be_made_is_an_error_that_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="cannot be made"):
        store.create(tmp_path / "file" / "run", "")
    assert os.listdir(tmp_path) == ["file"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "a.json"
    store.write_json(path, {"old": 1})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(RunError, match="No space left on device"):
        store.write_json(path, {"new": 2})
    assert json.loads(path.read_text()) == {"old": 1}
    assert os.listdir(path.parent) == ["a.json"]


def test_opening_what_is_no_run_is_an_error(tmp_path):
    with pytest.raises(RunError, match="no such directory"):
        store.open_run(tmp_path / "x")
    with pytest.raises(RunError, match=r"no config\.yaml"):
        store.open_run(tmp_path)


def test_programs_are_kept_word_for_word(tmp_path):
    run = store.create(tmp_path / "r", "")
    assert store.read_programs(run) is None
    sources = [("dir/a b.py", "x = 'é'\r\n"), ("<program>", "y = 1")]
    assert store.write_programs(run, sources) == ["01-a_b.py", "02-_program_.py"]
    assert [(p.name, p.text) for p in store.read_programs(run)] == sources


def test_a_program_that_was_changed_is_noticed(tmp_path):
    run = store.create(tmp_path / "r", "")
    (file,) = store.write_programs(run, [("a.py", "x = 1")])
    (run.programs / file).write_text("x = 2")
    with pytest.raises(RunError, match="changed after its verdict"):
        store.read_programs(run)
    (run.programs / file).unlink()
    with pytest.raises(RunError, match="cannot be read"):
        store.read_programs(run)


def test_damaged_json_is_an_error(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        store.read_json(tmp_path / "a.json")
    with pytest.raises(RunError, match="missing"):
        store.read_json(tmp_path / "b.json")
