"""The run directory: what a run leaves behind, every file written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from jaxcar.errors import RunError

CONFIG_FILE = "config.yaml"
_LIMIT = 10_000


class StoredProgram(NamedTuple):
    """One program text of a run.

    Attributes:
        name: what diagnostics and tables call it.
        text: the source, word for word.
        sha256: the hash of the text's UTF-8 bytes.
    """

    name: str
    text: str
    sha256: str


@dataclass(frozen=True)
class RunDirectory:
    """Where one run keeps everything; the files of a run and their names.

    Args:
        path: the directory.
    """

    path: pathlib.Path

    @property
    def config(self) -> pathlib.Path:
        """Return the resolved configuration."""
        return self.path / CONFIG_FILE

    @property
    def machine(self) -> pathlib.Path:
        """Return the versions and the machine that the run was made with."""
        return self.path / "machine.json"

    @property
    def task(self) -> pathlib.Path:
        """Return the task's id and words."""
        return self.path / "task.json"

    @property
    def subtasks(self) -> pathlib.Path:
        """Return the sub-tasks that a model named; absent where the programs were given."""
        return self.path / "subtasks.json"

    @property
    def programs(self) -> pathlib.Path:
        """Return the folder of program sources; `index.json` there has names and hashes."""
        return self.path / "programs"

    @property
    def exchanges(self) -> pathlib.Path:
        """Return the folder of prompts and replies."""
        return self.path / "exchanges"

    @property
    def pictures(self) -> pathlib.Path:
        """Return the folder of pictures: the prompts' and the trained policy's."""
        return self.path / "pictures"

    @property
    def verdict(self) -> pathlib.Path:
        """Return the verdict on the programs."""
        return self.path / "verdict.json"

    @property
    def metrics(self) -> pathlib.Path:
        """Return the measurements, one JSON line each."""
        return self.path / "metrics.jsonl"

    @property
    def film(self) -> pathlib.Path:
        """Return what the programs said along the filmed episode."""
        return self.path / "film.json"

    @property
    def report(self) -> pathlib.Path:
        """Return the report."""
        return self.path / "report.html"

    @property
    def summary(self) -> pathlib.Path:
        """Return the summary, whose names are fixed."""
        return self.path / "summary.json"

    def checkpoints(self, arm: str) -> pathlib.Path:
        """Return the folder of an arm's checkpoints."""
        return self.path / "checkpoints" / arm


def create(out: str | pathlib.Path, config: str) -> RunDirectory:
    """Make a new run directory that holds its configuration.

    Nothing is ever overwritten: where `out` has something in it, the first free one of `out-2`,
    `out-3` and so on is taken. The directory appears with its configuration inside, or not at all.

    Args:
        out: the wished path.
        config: the resolved configuration, as YAML.

    Returns:
        The directory.

    Raises:
        RunError: it cannot be made.
    """
    wished = pathlib.Path(out)
    try:
        wished.parent.mkdir(parents=True, exist_ok=True)
        staged = pathlib.Path(tempfile.mkdtemp(dir=wished.parent, prefix=f".{wished.name}-"))
    except OSError as error:
        raise RunError(
            "the run directory cannot be made",
            where=wished,
            got=error.strerror,
            fix="choose another place with --out",
        ) from None
    try:
        staged.chmod(0o755)
        write(staged / CONFIG_FILE, config)
        return RunDirectory(_settle(staged, wished))
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _settle(staged: pathlib.Path, wished: pathlib.Path) -> pathlib.Path:
    """Rename to the first free name; renaming onto a folder that is not empty fails by itself."""
    for number in range(1, _LIMIT):
        path = wished if number == 1 else wished.with_name(f"{wished.name}-{number}")
        if os.path.lexists(path) and not (path.is_dir() and not any(path.iterdir())):
            continue
        try:
            staged.rename(path)
        except OSError:
            continue
        return path
    raise RunError("no free run directory", where=wished, fix="choose another place with --out")


def open_run(path: str | pathlib.Path) -> RunDirectory:
    """Open an existing run directory.

    Args:
        path: the directory.

    Returns:
        The directory.

    Raises:
        RunError: there is no run.
    """
    run = RunDirectory(pathlib.Path(path))
    if not run.config.is_file():
        raise RunError(
            "this is not a run directory",
            where=path,
            got="no config.yaml in it" if run.path.is_dir() else "no such directory",
            fix="give the directory that `jaxcar run` or `jaxcar train` printed",
        )
    return run


def write(path: pathlib.Path, data: str | bytes) -> None:
    """Write a file whole or not at all, folders included.

    Args:
        path: the file; an existing one is replaced.
        data: its content; text is written as UTF-8.

    Raises:
        RunError: the disk is full, or the place may not be written.
    """
    content = data.encode() if isinstance(data, str) else data
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(staged, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
    except OSError as error:
        raise RunError(
            "the run cannot be written",
            where=path,
            got=error.strerror,
            fix="free the disk or choose another place; then resume the run",
        ) from None
    finally:
        staged.unlink(missing_ok=True)


def write_json(path: pathlib.Path, data: Any) -> None:
    """Write JSON whole or not at all; a NaN is a broken invariant.

    Args:
        path: the file.
        data: what to write.

    Raises:
        RunError: it cannot be written.
    """
    write(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


def read_json(path: pathlib.Path) -> Any:
    """Read JSON that a run wrote.

    Args:
        path: the file.

    Returns:
        What it holds.

    Raises:
        RunError: it is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError("a file of the run is missing", where=path, got=error.strerror) from None
    except ValueError as error:
        raise RunError("a file of the run is damaged", where=path, got=str(error)) from None


def sha256(text: str) -> str:
    """Return the hash under which a source is stored: of its UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_programs(run: RunDirectory, sources: Sequence[tuple[str, str]]) -> list[str]:
    """Store program sources; the index is written last, so an interrupted store reads as none.

    Args:
        run: the run.
        sources: pairs of a name and a text.

    Returns:
        The files' names within the folder of programs.

    Raises:
        RunError: they cannot be written.
    """
    index = []
    for number, (name, text) in enumerate(sources, 1):
        stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in pathlib.Path(name).stem)
        file = f"{number:02d}-{stem}.py"
        write(run.programs / file, text)
        index.append({"file": file, "name": name, "sha256": sha256(text)})
    write_json(run.programs / "index.json", index)
    return [entry["file"] for entry in index]


def read_programs(run: RunDirectory) -> list[StoredProgram] | None:
    """Read the programs of a run.

    Args:
        run: the run.

    Returns:
        The programs in their order, or None where the run has not stored any yet.

    Raises:
        RunError: a source is missing or differs from its recorded hash.
    """
    index = run.programs / "index.json"
    if not index.exists():
        return None
    programs = []
    for entry in read_json(index):
        path = run.programs / entry["file"]
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            raise RunError("a program of the run cannot be read", where=path) from None
        if sha256(text) != entry["sha256"]:
            raise RunError(
                "a program of the run was changed after its verdict",
                where=path,
                got=sha256(text),
                expected=entry["sha256"],
                fix="restore it, or start a new run with it",
            )
        programs.append(StoredProgram(entry["name"], text, entry["sha256"]))
    return programs
