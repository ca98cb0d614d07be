import json

import numpy as np
import pytest

from jaxcar.errors import ReplyError
from jaxcar.vlm import FolderClient, PendingReply, Prompt, Recording, ReplayClient, enlarge
from jaxcar.vlm.transcript import MODEL, read_picture, read_record, write_atomically

PIXELS = np.random.default_rng(0).integers(0, 255, (8, 6, 3), dtype=np.uint8)
PROMPT = Prompt("What is here?", (enlarge(PIXELS, "start"), enlarge(PIXELS, "goal")), "program/1")
REPLY = "Well:\r\n```python\ndef done(frame): ...\n```\x00 \U0001f600 \u2028é"


def test_replay_is_bit_equal(tmp_path):
    Recording(tmp_path).store(PROMPT, 0, REPLY)
    Recording(tmp_path).store(PROMPT, 1, "second")
    client = ReplayClient(tmp_path)
    assert client.ask(PROMPT) == (REPLY, MODEL, True)
    assert client.ask(PROMPT, sample=1).text == "second"


def test_record_holds_prompt_and_pictures_once(tmp_path):
    recording = Recording(tmp_path)
    recording.store(PROMPT, 0, REPLY)
    data = json.loads(recording.path(PROMPT.key, 0).read_text())
    assert data["prompt"] == PROMPT.text and data["key"] == PROMPT.key
    assert [picture["name"] for picture in data["pictures"]] == ["start", "goal"]
    (png,) = tmp_path.glob("*.png")
    stored = read_picture(png, "start")
    np.testing.assert_array_equal(stored.pixels, PROMPT.pictures[0].pixels)
    assert stored.sha256 == data["pictures"][0]["sha256"]


def test_miss_prints_the_key_and_how_to_record(tmp_path):
    Recording(tmp_path).store(PROMPT, 0, REPLY)
    other = PROMPT._replace(text="What else?")
    with pytest.raises(ReplyError, match=rf"{other.key}[\s\S]*record_replies.py"):
        ReplayClient(tmp_path).ask(other)
    with pytest.raises(ReplyError, match="sample 1"):
        ReplayClient(tmp_path).ask(PROMPT, sample=1)
    with pytest.raises(ReplyError):
        ReplayClient(tmp_path / "absent").ask(PROMPT)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pictures": 3}', "{", "\x00"])
def test_broken_record_is_named(tmp_path, text):
    recording = Recording(tmp_path)
    recording.path(PROMPT.key, 0).write_text(text)
    with pytest.raises(ReplyError, match=rf"not a record[\s\S]*{PROMPT.key[:16]}-0.json"):
        ReplayClient(recording).ask(PROMPT)


def test_record_of_another_prompt_is_refused(tmp_path):
    recording = Recording(tmp_path)
    recording.store(PROMPT, 0, REPLY)
    recording.path(PROMPT.key, 0).rename(recording.path(PROMPT.key, 1))
    with pytest.raises(ReplyError, match="not of the prompt"):
        ReplayClient(recording).ask(PROMPT, sample=1)


def test_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_atomically(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_language_of_a_recording(tmp_path):
    assert ReplayClient(tmp_path).language is None
    Recording(tmp_path).store_language("no lambdas\n")
    assert ReplayClient(tmp_path).language == "no lambdas\n"


def test_folder_asks_once_and_records_word_for_word(tmp_path):
    recording, folder = Recording(tmp_path / "records"), tmp_path / "folder"
    client = FolderClient(recording, folder)
    with pytest.raises(PendingReply, match=r"reply\.txt"):
        client.ask(PROMPT)
    assert (folder / "prompt.txt").read_text() == PROMPT.text
    shown = read_picture(folder / "picture-2.png", "goal")
    np.testing.assert_array_equal(shown.pixels, PROMPT.pictures[1].pixels)
    reply = "Well:\r\n```python\n```\n"
    (folder / "reply.txt").write_bytes(reply.encode())
    assert client.ask(PROMPT) == (reply, MODEL, False)
    assert client.ask(PROMPT) == (reply, MODEL, True)
    assert read_record(recording.path(PROMPT.key, 0)).reply == reply
    assert not (folder / "reply.txt").exists()


def test_folder_never_gives_a_reply_to_another_prompt(tmp_path):
    client = FolderClient(Recording(tmp_path / "records"), tmp_path / "folder")
    with pytest.raises(PendingReply):
        client.ask(PROMPT)
    (tmp_path / "folder" / "reply.txt").write_text("to the first prompt")
    with pytest.raises(PendingReply):
        client.ask(PROMPT._replace(text="another"))
    assert not (tmp_path / "folder" / "reply.txt").exists()


def shipped():
    return sorted(path.parent for path in Recording.shipped(".").directory.glob("*/language.md"))


@pytest.mark.parametrize("directory", shipped(), ids=lambda path: path.name)
def test_shipped_records_are_whole(directory):
    """Every record's key follows from its text and the very pixels of the shipped pictures."""
    recording = Recording(directory)
    paths = list(directory.glob("*.json"))
    assert paths
    used = set()
    for path in paths:
        record = read_record(path)
        files = [recording.picture_path(picture.sha256) for picture in record.pictures]
        pictures = tuple(
            read_picture(file, picture.name)
            for file, picture in zip(files, record.pictures, strict=True)
        )
        prompt = Prompt(record.prompt, pictures, record.version)
        assert prompt.key == record.key and path == recording.path(record.key, record.sample)
        used |= set(files)
    assert used == set(directory.glob("*.png"))
