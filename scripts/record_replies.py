"""Record a model's replies for a task, one prompt at a time, through a folder.

    python scripts/record_replies.py MiniGrid-DoorKey-8x8-v0 FOLDER

runs the task's synthesis on the replies recorded so far. At the first prompt without one, it writes
`prompt.txt` and `picture-*.png` into FOLDER and stops with exit code 3. Give exactly these to a
vision-language model, put its reply, word for word, into FOLDER/reply.txt (or pass it with
`--reply FILE`), and run the same command again. It ends with 0 when the programs are accepted, and
with 1 when they are not after the last round of repair. Replies and pictures go to
`jaxcar/vlm/recorded/TASK`.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import sys

import jaxcar
from jaxcar.lang.page import prompt_section
from jaxcar.synthesize import Exchange, synthesize
from jaxcar.vlm import FolderClient, PendingReply, Recording
from jaxcar.vlm.transcript import MODEL


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        return record(options)
    except PendingReply as pending:
        print(pending)
        return 3
    except jaxcar.JaxcarError as error:
        print(error, file=sys.stderr)
        return 1


def record(options: argparse.Namespace) -> int:
    task = jaxcar.make(options.task)
    records = options.records or Recording.shipped(task.id).directory
    recording = Recording(records)
    if recording.language is None:
        recording.store_language(prompt_section())
    if options.reply:
        options.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(options.reply, options.folder / "reply.txt")
    client = FolderClient(recording, options.folder, options.model)
    result = synthesize(task, client, rounds=options.rounds, listener=show)
    print("accepted" if result.accepted else "rejected")
    for reason in result.reasons:
        print(f"  {reason}")
    return 0 if result.accepted else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", help="a task id")
    parser.add_argument("folder", type=pathlib.Path, help="where a prompt waits for its reply")
    parser.add_argument("--reply", type=pathlib.Path, help="the reply to the waiting prompt")
    parser.add_argument("--records", type=pathlib.Path, help="where records go instead")
    parser.add_argument("--model", default=MODEL, help="what replies, in words")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of repair")
    return parser.parse_args(arguments)


def show(exchange: Exchange) -> None:
    about = "" if exchange.subtask is None else f" of sub-task {exchange.subtask + 1}"
    print(f"round {exchange.round}, {exchange.kind}{about}: {exchange.outcome}")


if __name__ == "__main__":
    sys.exit(main())
