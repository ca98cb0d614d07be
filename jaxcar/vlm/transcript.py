"""Records of what models replied: written once, atomically, and replayed bit for bit.

A directory of records holds one JSON file per reply, named after the prompt's key and the sample,
the prompts' pictures as PNG files named after their pixels, and `language.md`, the language section
that the prompts were made with.
"""

from __future__ import annotations

import importlib.resources
import io
import json
import os
import pathlib
import tempfile
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from jaxcar.errors import ReplyError
from jaxcar.vlm.clients import Reply
from jaxcar.vlm.prompts import Picture, Prompt

MODEL = "a large vision-language model"
LANGUAGE_FILE = "language.md"


class RecordedPicture(NamedTuple):
    """A picture of a recorded prompt: its name there, and the hash of its pixels."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """One prompt and the reply to it.

    Attributes:
        key: the prompt's key.
        sample: which answer to this prompt it is, from 0.
        version: the prompt's template and version.
        model: what answered, in words.
        prompt: the prompt's text.
        pictures: the prompt's pictures.
        reply: the reply, word for word.
    """

    key: str
    sample: int
    version: str
    model: str
    prompt: str
    pictures: tuple[RecordedPicture, ...]
    reply: str


class Recording:
    """A directory of records.

    Args:
        directory: where the records are, or will be.

    Example:
        >>> Recording("records").path("0123456789abcdef" * 4, 0).name
        '0123456789abcdef-0.json'
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = pathlib.Path(directory)

    @classmethod
    def shipped(cls, task_id: str) -> Recording:
        """Return the recording of a task that is part of the package, even if it is empty."""
        root = importlib.resources.files("jaxcar.vlm") / "recorded" / task_id
        return cls(pathlib.Path(str(root)))

    @property
    def language(self) -> str | None:
        """Return the language section that the recorded prompts were made with, if any."""
        path = self.directory / LANGUAGE_FILE
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def path(self, key: str, sample: int) -> pathlib.Path:
        """Return the file that holds a reply."""
        return self.directory / f"{key[:16]}-{sample}.json"

    def picture_path(self, sha256: str) -> pathlib.Path:
        """Return the file that holds a picture."""
        return self.directory / f"{sha256[:16]}.png"

    def find(self, prompt: Prompt, sample: int) -> Record | None:
        """Return the record of a prompt, or None.

        Args:
            prompt: what was asked.
            sample: which answer to it.

        Raises:
            ReplyError: when the record is there and cannot be used.
        """
        path = self.path(prompt.key, sample)
        if not path.is_file():
            return None
        record = read_record(path)
        if (record.key, record.sample) != (prompt.key, sample):
            raise ReplyError(
                "a record is not of the prompt that its name says",
                where=path,
                got=f"{record.key} sample {record.sample}",
                expected=f"{prompt.key} sample {sample}",
            )
        return record

    def store(self, prompt: Prompt, sample: int, reply: str, model: str = MODEL) -> Record:
        """Write a prompt and its reply; an existing record is replaced in one step or not at all.

        Args:
            prompt: what was asked.
            sample: which answer to it.
            reply: the reply, word for word.
            model: what answered, in words.

        Returns:
            The record as written.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        for picture in prompt.pictures:
            path = self.picture_path(picture.sha256)
            if not path.is_file():
                write_atomically(path, png_bytes(picture.pixels))
        pictures = tuple(RecordedPicture(p.name, p.sha256) for p in prompt.pictures)
        record = Record(prompt.key, sample, prompt.version, model, prompt.text, pictures, reply)
        data = asdict(record) | {"pictures": [p._asdict() for p in pictures]}
        text = json.dumps(data, indent=1, ensure_ascii=True) + "\n"
        write_atomically(self.path(prompt.key, sample), text.encode())
        return record

    def store_language(self, language: str) -> None:
        """Write the language section that the prompts of this recording are made with."""
        self.directory.mkdir(parents=True, exist_ok=True)
        write_atomically(self.directory / LANGUAGE_FILE, language.encode())


class ReplayClient:
    """Answers from a recording, bit for bit, and asks nobody.

    Args:
        recording: a recording, or its directory.
    """

    def __init__(self, recording: Recording | str | os.PathLike[str]) -> None:
        if not isinstance(recording, Recording):
            recording = Recording(recording)
        self.recording = recording

    @property
    def language(self) -> str | None:
        """Return the language section that the records were made with."""
        return self.recording.language

    def ask(self, prompt: Prompt, sample: int = 0) -> Reply:
        """Return the recorded reply to a prompt.

        Args:
            prompt: what is asked.
            sample: which answer to it.

        Raises:
            ReplyError: when there is no such record; the message holds the key and how to make one.
        """
        record = self.recording.find(prompt, sample)
        if record is None:
            raise ReplyError(
                "no recorded reply to this prompt",
                where=self.recording.directory,
                got=f"{prompt.version} prompt {prompt.key}, sample {sample}",
                fix="record one with `python scripts/record_replies.py TASK FOLDER`",
            )
        return Reply(record.reply, record.model, True)


class PendingReply(ReplyError):  # noqa: N818 - reads as what it is
    """A prompt that lies in a folder and waits for its reply."""


class FolderClient:
    """Answers from a recording; what is missing there is asked through a folder.

    A missing prompt is written into the folder as `prompt.txt` and numbered PNG files; the reply is
    then expected in `reply.txt` beside them. A present reply to that very prompt is moved into the
    recording, word for word.

    Args:
        recording: where replies are kept.
        folder: where a prompt waits for its reply.
        model: what writes the replies, in words.
    """

    def __init__(
        self, recording: Recording, folder: str | os.PathLike[str], model: str = MODEL
    ) -> None:
        self.recording = recording
        self.folder = pathlib.Path(folder)
        self.model = model

    @property
    def language(self) -> str | None:
        """Return the language section that the recording was begun with."""
        return self.recording.language

    def ask(self, prompt: Prompt, sample: int = 0) -> Reply:
        """Return a reply, from the recording or from the folder.

        Args:
            prompt: what is asked.
            sample: which answer to it.

        Raises:
            PendingReply: when the prompt was written into the folder and waits for its reply.
        """
        record = self.recording.find(prompt, sample)
        if record is not None:
            return Reply(record.reply, record.model, True)
        reply_path, key_path = self.folder / "reply.txt", self.folder / "prompt.key"
        key = f"{prompt.key} {sample}\n"
        if reply_path.is_file() and key_path.is_file() and key_path.read_text() == key:
            reply = reply_path.read_bytes().decode("utf-8", errors="replace")
            self.recording.store(prompt, sample, reply, self.model)
            reply_path.unlink()
            return Reply(reply, self.model, False)
        self._write(prompt, key)
        raise PendingReply(
            f"a {prompt.version} prompt waits for its reply",
            where=self.folder,
            got="prompt.txt and its pictures",
            expected="the reply, word for word, in reply.txt; then run this again",
        )

    def _write(self, prompt: Prompt, key: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("picture-*.png"):
            old.unlink()
        (self.folder / "reply.txt").unlink(missing_ok=True)
        for number, picture in enumerate(prompt.pictures, 1):
            path = self.folder / f"picture-{number}.png"
            write_atomically(path, png_bytes(picture.pixels))
        write_atomically(self.folder / "prompt.txt", prompt.text.encode())
        write_atomically(self.folder / "prompt.key", key.encode())


def read_record(path: pathlib.Path) -> Record:
    """Read a record.

    Args:
        path: the record's file.

    Returns:
        The record.

    Raises:
        ReplyError: when it is no record, naming the file and what is wrong with it.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pictures = tuple(RecordedPicture(**picture) for picture in data.pop("pictures"))
        record = Record(pictures=pictures, **data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReplyError(
            "not a record of a reply", where=path, got=error, fix="record it again"
        ) from error
    if not isinstance(record.reply, str):
        raise ReplyError("not a record of a reply", where=path, got="a reply that is no text")
    return record


def read_picture(path: pathlib.Path, name: str) -> Picture:
    """Read a recorded picture.

    Args:
        path: a PNG file.
        name: what its prompt calls it.

    Returns:
        The picture, with the very pixels that were stored.
    """
    import PIL.Image

    with PIL.Image.open(path) as image:
        return Picture(name, np.asarray(image.convert("RGB")))


def png_bytes(pixels: np.ndarray) -> bytes:
    """Return uint8[H, W, 3] pixels as a PNG file's bytes."""
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def write_atomically(path: pathlib.Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        pathlib.Path(name).unlink(missing_ok=True)
        raise
