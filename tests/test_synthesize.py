"""The synthesis loop with scripted replies; programs by hand isolate it from the compiler."""

import pathlib
import re
import runpy

import numpy as np
import pytest
from corridor import HandProgram, corridor_task

from jaxcar.errors import JaxcarError, RefusedProgram, ReplyError
from jaxcar.lang.diagnostic import Diagnostic
from jaxcar.lang.source import Span
from jaxcar.synthesize import pictures, synthesize
from jaxcar.vlm import FolderClient, PendingReply, Recording, ReplayClient, Reply

SUBTASKS = (
    '```json\n[{"name": "halfway", "text": "Half done."}, {"name": "at_end", "text": "Done."}]\n```'
)


def program(name, threshold):
    return f"```python\ndef {name}(frame):\n    return frame[0, 0, 0] >= {threshold}\n```"


def compile_by_hand(source, *, frame):
    """Read `>= threshold` out of each source; refuse what names torch."""
    sources = source if isinstance(source, list) else [source]
    for one in sources:
        if "torch" in one.text:
            span = Span(1, 1, 1, 6)
            raise RefusedProgram([Diagnostic("JC201", "torch is not known", one, span)])
    limits = [int(t) for one in sources for t in re.findall(r">= (\d+)", one.text)]
    names = tuple(n for one in sources for n in re.findall(r"def (\w+)", one.text))
    return HandProgram(
        lambda calls, first, red: (0.0, [red >= t for t in limits], [0] * len(names)),
        names,
        num_entries=len(names),
        shape=frame,
    )


class Script:
    """Answers with the replies given, in order."""

    language = "LANGUAGE"

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = []

    def ask(self, prompt, sample=0):
        self.asked.append((prompt, sample))
        return Reply(self.replies.pop(0), "a script", False)


@pytest.fixture(autouse=True)
def _compiler(monkeypatch):
    monkeypatch.setattr("jaxcar.synthesize.compile_reward", compile_by_hand)


def run(client, **options):
    task = corridor_task(length=7, max_steps_in_episode=8)
    return synthesize(task, client, **{"expert_episodes": 8, "random_episodes": 40, **options})


def test_first_replies_accepted():
    heard = []
    client = Script(SUBTASKS, program("halfway", 3), program("at_end", 7))
    result = run(client, listener=heard.append)
    assert result.accepted and result.reasons == ()
    assert [subtask.name for subtask in result.subtasks] == ["halfway", "at_end"]
    assert [source.name for source in result.sources] == ["halfway.py", "at_end.py"]
    assert result.program.num_completed == 2
    assert [e.kind for e in result.exchanges] == ["subtasks", "program", "program"]
    assert tuple(heard) == result.exchanges
    assert "LANGUAGE" in client.asked[1][0].text
    assert "2. `at_end`: Done." in client.asked[1][0].text


def test_refused_program_is_mended_alone():
    bad = "```python\nimport torch\ndef halfway(frame): ...\n```"
    client = Script(SUBTASKS, bad, program("at_end", 7), program("halfway", 3))
    result = run(client)
    assert result.accepted
    assert [(e.kind, e.subtask, e.round) for e in result.exchanges[3:]] == [("diagnostics", 0, 1)]
    prompt = client.asked[3][0].text
    assert "JC201" in prompt and "torch is not known" in prompt and "import torch" in prompt


def test_rejected_program_is_mended_with_evidence():
    client = Script(SUBTASKS, program("halfway", 3), program("at_end", 9), program("at_end", 7))
    result = run(client)
    assert result.accepted
    (repair,) = result.exchanges[3:]
    assert (repair.kind, repair.subtask, repair.round) == ("verdict", 1, 1)
    assert "returned True on some frame of 0 of 8 episodes" in repair.prompt.text
    assert "return frame[0, 0, 0] >= 9" in repair.prompt.text
    frames = repair.prompt.pictures[2:]
    assert 1 <= len(frames) <= 6 and "your program returned False" in frames[0].name
    assert frames[0].pixels[0, 0, 0] == 7


def test_prompts_hold_no_truth():
    """The task's own sub-tasks, their names included, are for scoring only."""
    subtasks = SUBTASKS.replace("halfway", "middle")
    client = Script(subtasks, program("middle", 3), program("at_end", 9), program("at_end", 7))
    result = run(client)
    assert result.verdict.subtasks[0].truth.name == "halfway"
    for prompt, _ in client.asked:
        words = prompt.text + " ".join(picture.name for picture in prompt.pictures)
        assert "halfway" not in words and "precision" not in words and "truth" not in words


def test_unreadable_replies_use_up_rounds():
    client = Script("hm", SUBTASKS, "I cannot.", program("at_end", 7), program("halfway", 3))
    result = run(client)
    assert result.accepted
    assert [e.sample for e in result.exchanges] == [0, 1, 0, 0, 0]
    assert "holds no list of sub-tasks" in result.exchanges[0].outcome
    assert "could not be read" in client.asked[4][0].text


def test_unaccepted_after_the_last_round():
    wrong = [program("at_end", 9)] * 3
    result = run(Script(SUBTASKS, program("halfway", 3), *wrong), rounds=2)
    assert not result.accepted and result.program is not None
    assert "at_end: completes in 0 of 8 expert" in result.reasons[0]
    refused = "```python\nimport torch\ndef at_end(frame): ...\n```"
    result = run(Script(SUBTASKS, program("halfway", 3), refused), rounds=0)
    assert not result.accepted and result.program is None and result.verdict is None
    assert "torch is not known" in result.reasons[0]


def test_two_functions_in_one_program_are_refused():
    two = "```python\ndef a(f):\n    return f >= 1\ndef b(f):\n    return f >= 2\n```"
    result = run(Script(SUBTASKS, two, program("at_end", 7)), rounds=0)
    assert "expected one function that returns one bool, and got: a" in result.reasons[0]


def test_no_subtasks_at_all():
    with pytest.raises(ReplyError, match="no list of sub-tasks"):
        run(Script("hm", "hm"), rounds=1)


def test_recorded_through_a_folder_and_replayed(tmp_path):
    """What is recorded prompt by prompt is exactly what a replay asks for."""
    replies = [SUBTASKS, program("halfway", 3), program("at_end", 9), program("at_end", 7)]
    recording = Recording(tmp_path / "records")
    recording.store_language("LANGUAGE OF THEN")
    client = FolderClient(recording, tmp_path / "folder")
    for reply in replies:
        with pytest.raises(PendingReply):
            run(client)
        (tmp_path / "folder" / "reply.txt").write_text(reply)
    recorded = run(client)
    replayed = run(ReplayClient(recording))
    assert recorded.accepted and replayed.accepted
    assert [e.reply for e in replayed.exchanges] == replies
    assert [e.prompt.key for e in replayed.exchanges] == [e.prompt.key for e in recorded.exchanges]
    assert replayed.verdict == recorded.verdict
    assert "LANGUAGE OF THEN" in replayed.exchanges[1].prompt.text
    with pytest.raises(ReplyError, match="no recorded reply"):
        run(ReplayClient(recording), expert_episodes=9)


def test_pictures_are_an_expert_episodes_ends():
    shown = pictures(corridor_task())
    assert shown.start[0, 0, 0] == 0 and shown.goal[0, 0, 0] == 4
    np.testing.assert_array_equal(shown.start, pictures(corridor_task()).start)
    stuck = corridor_task(expert=lambda key, state, params: 0)
    with pytest.raises(JaxcarError, match="expert fails"):
        pictures(stuck)


def test_record_script_writes_one_prompt_at_a_time(tmp_path, capsys):
    path = pathlib.Path(__file__).parents[1] / "scripts" / "record_replies.py"
    main = runpy.run_path(str(path))["main"]
    folder, reply = tmp_path / "folder", tmp_path / "reply.md"
    arguments = ["MiniGrid-Empty-5x5-v0", str(folder), "--records", str(tmp_path / "records")]
    assert main(arguments) == 3
    assert "Divide the task into the sub-tasks" in (folder / "prompt.txt").read_text()
    assert len(list(folder.glob("picture-*.png"))) == 2
    reply.write_text('```json\n[{"name": "on_green", "text": "It stands on green."}]\n```')
    assert main([*arguments, "--reply", str(reply)]) == 3
    assert "def on_green(frame):" in (folder / "prompt.txt").read_text()
    assert (tmp_path / "records" / "language.md").is_file()
    assert "round 0, subtasks: read" in capsys.readouterr().out
    assert main(["MiniGrid-Empty-5x5-v1", str(folder)]) == 1
