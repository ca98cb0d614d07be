"""The command line: exit codes, one clear message for bad input, nothing left half-written."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import jaxcar
from jaxcar.cli import main
from jaxcar.version import __version__

SPARSE = """task: {id: MiniGrid-Empty-5x5-v0}
arms: [sparse]
train: {num_envs: 2, rollout_length: 16, minibatches: 2, epochs: 1, hidden: [8], reset_pool: 2,
        total_steps: 32_000_000}
evaluate: {episodes: 2, every: 32}
seeds: 1
"""
AT_GOAL = '''import numpy as np


def at_goal(frame, initial_frame):
    """The agent stands on the green square and hides part of it."""
    return count_green(frame) < count_green(initial_frame)


def count_green(picture):
    green = (picture[:, :, 1] > 200) & (picture[:, :, 0] < 100) & (picture[:, :, 2] < 100)
    return np.sum(green)
'''


COUNTS = """def counted(frame):
    lit = frame.max(axis=2) > 3
    extra = 0
    for i in range(6):
        if i > 3:
            extra += 1
    return 1 / (lit.size - lit.sum() - extra)


def fails(frame):
    row = frame[0]
    if row.max() > 200:
        return 1.0
    return float(row[int(row[0, 0]) - 9, 0]) + float(row[:, 0].tolist()[99])
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = {
        "good.py": AT_GOAL,
        "refused.py": "import os\n\n\ndef f(frame):\n    return os.getcwd() == '/'\n",
        "always.py": "def f(frame):\n    return bool(frame[0, 0, 0] >= 0)\n",
        "shape.py": "def f(frame):\n    return bool(frame.reshape(8, 24).sum() > 9)\n",
        "field.py": "def f(agent_pos):\n    return bool(agent_pos[0] > 3)\n",
        "state.json": '[{"agent_pos": [4, 1.5]}, {"agent_pos": [2, 1.5]}]',
        "list.json": "[1, 2]",
        "words.json": '{"agent_pos": "far"}',
        "ragged.json": '{"agent_pos": [[1], [1, 2]]}',
        "binary.npz": "no archive",
        "sparse.yaml": SPARSE,
        "broken.yaml": "task: {id: [",
        "typo.yaml": SPARSE.replace("seeds: 1", "sedes: 1"),
        "text.yaml": SPARSE.replace("seeds: 1", "seeds: one"),
        "unknown.yaml": "task: {id: MiniGrid-DoorKye-8x8-v0}\n",
        "option.yaml": "task: {id: MiniGrid-DoorKey-6x6-v0, options: {tile_sizes: 8}}\n",
        "alone.yaml": "task: {id: MiniGrid-DoorKey-6x6-v0}\n",
        "silent.yaml": "task: {id: MiniGrid-Empty-5x5-v0}\n",
        "preset.yaml": SPARSE + "verify: {preset: papers}\n",
        "given.yaml": "task: {id: MiniGrid-Empty-5x5-v0}\nprograms: [always.py]\n",
        "refused.yaml": "task: {id: MiniGrid-Empty-5x5-v0}\nprograms: [refused.py]\n",
        "weights.yaml": "task: {id: MiniGrid-Empty-5x5-v0}\nprograms: [good.py]\n"
        "reward: {weights: [1, 2, 3]}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    for name, size in (("small.png", 8), ("black.png", 16), ("white.png", 16)):
        Image.new("RGB", (size, size), (9 * (name == "white.png"),) * 3).save(tmp_path / name)
    np.savez(tmp_path / "state.npz", agent_pos=np.array([4.0, 1.0], np.float32))
    return tmp_path


def call(capsys, *argv):
    code = main(list(argv))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["chekc"], 2, ["unknown command 'chekc'", "did you mean 'check'?"]),
        (["run"], 2, ["no configuration is named", "jaxcar run CONFIG"]),
        (["run", "--seeds", "3"], 2, ["no configuration is named", "--seeds"]),
        (["run", "missing.yaml"], 2, ["no such file", "missing.yaml"]),
        (["run", "broken.yaml"], 2, ["not valid YAML", "broken.yaml:"]),
        (["run", "typo.yaml"], 2, ["unknown key 'sedes'", "typo.yaml:6", "'seeds'"]),
        (["run", "text.yaml"], 2, ["'seeds' has the wrong type", "text.yaml:6", "an integer"]),
        (["run", "unknown.yaml"], 2, ["unknown task", "did you mean 'MiniGrid-DoorKey-8x8-v0'?"]),
        (["run", "option.yaml"], 2, ["unknown task option", "did you mean 'tile_size'?"]),
        (["run", "preset.yaml"], 2, ["unknown preset", "did you mean 'paper'?"]),
        (["run", "sparse.yaml", "--sedes", "3"], 2, ["--sedes", "--seeds"]),
        (["run", "sparse.yaml", "--seeds", "x"], 2, ["--seeds", "'x'"]),
        (["run", "sparse.yaml", "--seeds", "0"], 2, ["seeds is too small"]),
        (["run", "sparse.yaml", "--evaluate.every", "33"], 2, ["multiple of 32"]),
        (["run", "sparse.yaml", "--train.clip", "-1"], 2, ["clip"]),
        (["run", "sparse.yaml", "--out", "good.py/run"], 1, ["run directory cannot be made"]),
        (["run", "silent.yaml"], 1, ["no recorded replies", "--programs"]),
        (["run", "alone.yaml", "--vlm.replies", "nowhere"], 1, ["no recorded replies", "nowhere"]),
        (["run", "alone.yaml", "--programs", "gone.py"], 2, ["no such file", "gone.py"]),
        (["run", "alone.yaml", "--programs", "binary.py"], 2, ["not text", "binary.py"]),
        (["run", "alone.yaml", "--programs", "refused.py"], 1, ["refused", "`os`", "fix:"]),
        (["run", "alone.yaml", "--programs", "field.py"], 1, ["agent_pos"]),
        (["run", "refused.yaml"], 1, ["refused.py:"]),
        (["run", "weights.yaml"], 2, ["weight"]),
        (["train", "alone.yaml"], 2, ["asks no model", "--programs"]),
        (["train", "--resume", "nowhere"], 1, ["not a run directory", "no such directory"]),
        (["train", "--resume", "."], 1, ["not a run directory", "no config.yaml"]),
        (["check"], 2, ["FILE", "Required"]),
        (["check", "gone.py"], 2, ["no such file"]),
        (["check", "binary.py"], 2, ["not text"]),
        (["check", "."], 2, ["cannot be read"]),
        (["check", "good.py", "--frame", "8", "8"], 2, ["--frame"]),
        (["check", "good.py", "--frame", "8", "8", "4"], 2, ["no picture's shape"]),
        (["check", "good.py", "--task", "x"], 2, ["unknown task"]),
        (["explain", "field.py"], 2, ["nothing to run the program on", "--frame", "--inputs"]),
        (["explain", "gone.py", "--inputs", "state.json"], 2, ["no such file", "gone.py"]),
        (["explain", "good.py", "--frame", "gone.png"], 2, ["no such file", "gone.png"]),
        (["explain", "good.py", "--frame", "good.py"], 2, ["no picture", "good.py"]),
        (["explain", "good.py", "--frame", "black.png", "small.png"], 2, ["`frame` of step 2"]),
        (
            ["explain", "good.py", "--frame", "black.png", "--initial", "small.png"],
            2,
            ["`initial_frame`", "uint8[8, 8, 3]", "uint8[16, 16, 3]"],
        ),
        (["explain", "good.py", "--initial", "black.png"], 2, ["go with --frame"]),
        (["explain", "field.py", "--frame", "black.png"], 1, ["`agent_pos` is not an input"]),
        (["explain", "field.py", "--inputs", "good.py"], 2, ["not valid JSON", "good.py"]),
        (["explain", "field.py", "--inputs", "list.json"], 2, ["no names", "list.json"]),
        (["explain", "field.py", "--inputs", "words.json"], 2, ["not numbers", "agent_pos"]),
        (["explain", "field.py", "--inputs", "ragged.json"], 2, ["no array", "agent_pos"]),
        (["explain", "field.py", "--inputs", "binary.npz"], 2, ["not an .npz", "binary.npz"]),
        (["explain", "field.py", "--inputs", "state.json", "--entry", "g"], 1, ["entry 'g'"]),
        (["explain", "field.py", "--inputs", "state.json", "--steps", "0"], 2, ["--steps"]),
        (
            ["check", "good.py", "--task", "MiniGrid-Empty-5x5-v0", "--frame", "8", "8", "3"],
            2,
            ["--frame and --task"],
        ),
        (["verify", "--task", "MiniGrid-Empty-5x5-v0"], 2, ["--program"]),
        (["verify", "--task", "x", "--program", "good.py"], 2, ["unknown task"]),
        (
            ["verify", "--task", "MiniGrid-Empty-5x5-v0", "--program", "refused.py"],
            1,
            ["refused", "`os`"],
        ),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_bad_input_ends_in_one_message_and_leaves_nothing(files, capsys, argv, code, words):
    before = sorted(os.listdir(files))
    found, out, err = call(capsys, *argv)
    assert found == code
    for word in words:
        assert word in err
    assert "Traceback" not in err + out
    assert sorted(os.listdir(files)) == before


def test_check_accepts_and_refuses(files, capsys):
    code, out, _ = call(capsys, "check", "good.py")
    assert (code, out) == (0, "good.py: accepted as text; --frame or --task traces it as well\n")
    code, out, _ = call(capsys, "check", "good.py", "--task", "MiniGrid-Empty-5x5-v0")
    assert code == 0
    code, out, _ = call(capsys, "check", "refused.py")
    assert code == 1
    assert "error[JC" in out
    assert "refused.py:1" in out
    assert out.endswith("refused.py: refused\n")


def test_check_as_json(files, capsys):
    code, out, _ = call(capsys, "check", "refused.py", "--json")
    found = json.loads(out)
    assert (code, found["accepted"], found["file"]) == (1, False, "refused.py")
    assert {"code", "message", "line", "fix"} <= set(found["diagnostics"][0])
    code, out, _ = call(capsys, "check", "good.py", "--json")
    assert json.loads(out) == {"file": "good.py", "accepted": True, "diagnostics": []}


def test_check_with_a_frame_traces_the_program(files, capsys):
    assert call(capsys, "check", "shape.py")[0] == 0
    assert call(capsys, "check", "shape.py", "--frame", "8", "8", "3")[0] == 0
    code, out, _ = call(capsys, "check", "shape.py", "--frame", "64", "64", "3")
    assert code == 1
    assert "size 12288" in out


def test_explain_shows_values_beside_the_source(files, capsys):
    code, out, err = call(capsys, "explain", "field.py", "--inputs", "state.json")
    assert (code, err) == (0, "")
    assert (
        out
        == """step 1 of 2: f: completed True
step 2 of 2, line by line:
  agent_pos = float64[2] [2.0, 1.5]

1 | def f(agent_pos):
2 |     return bool(agent_pos[0] > 3)  False

f: completed False
"""
    )
    code, out, _ = call(capsys, "explain", "field.py", "--inputs", "state.npz")
    assert "  agent_pos = float32[2] [4.0, 1.0]\n" in out
    assert out.endswith("f: completed True\n")
    code, out, _ = call(capsys, "explain", "field.py", "--inputs", "state.json", "--steps", "3")
    assert out.count("step ") == 3


def test_explain_shows_pictures_and_faults(files, capsys):
    (files / "counts.py").write_text(COUNTS)
    pictures = ["--frame", "black.png", "white.png"]
    code, out, err = call(capsys, "explain", "counts.py", *pictures)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "frame = uint8[16, 16, 3] all 9   white.png" in out
    for text, value in (
        ("lit = frame.max(axis=2) > 3", "bool[16, 16] 256 of 256 true"),
        ("for i in range(6):", "0, 1, 2, 3, ... 5 (6 turns)"),
        ("if i > 3:", "True 2 of 6 times"),
        ("return 1 / (lit.size - lit.sum() - extra)", "-0.5"),
    ):
        assert any(text in line and line.endswith(f"  {value}") for line in lines), (text, out)
    code, out, _ = call(capsys, "explain", "counts.py", "--frame", "white.png", "--entry", "fails")
    assert code == 0
    assert out.count("   fault: IndexError: index out of range\n") == 1
    assert "fails faults: line 14: IndexError: index out of range; the step pays 0" in out


def test_explain_as_json(files, capsys):
    code, out, _ = call(capsys, "explain", "field.py", "--inputs", "state.json", "--json")
    found = json.loads(out)
    assert (code, found["file"], len(found["steps"])) == (0, "field.py", 2)
    row = found["steps"][0]["rows"][1]
    assert (row["line"], row["reached"], row["seen"][0]["values"]) == (2, True, ["True"])
    assert found["steps"][1]["said"][0]["completed"] is False


FEW = ["--expert-episodes", "4", "--random-episodes", "4"]


def test_verify_prints_a_verdict(files, capsys):
    task = ["verify", "--task", "MiniGrid-Empty-5x5-v0", *FEW, "--program"]
    code, out, _ = call(capsys, *task, "always.py")
    assert code == 1
    assert "true on the first frame" in out
    assert out.endswith("rejected by preset 'paper'\n")
    code, out, _ = call(capsys, *task, "always.py", "--json")
    assert (code, json.loads(out)["accepted"]) == (1, False)


def test_a_rejected_verdict_stops_a_run_and_is_stored(files, capsys):
    few = ["--verify.expert-episodes", "4", "--verify.random-episodes", "4"]
    code, _, err = call(capsys, "train", "given.yaml", *few)
    assert code == 1
    for words in ("rejected, nothing was trained", "true on the first frame", "verdict.json"):
        assert words in err
    run = files / "runs" / "given"
    assert json.loads((run / "verdict.json").read_text())["accepted"] is False
    assert not (run / "metrics.jsonl").exists()
    assert not (run / "summary.json").exists()
    code, _, err = call(capsys, "train", "--resume", "runs/given")
    assert (code, "rejected, nothing was trained" in err) == (1, True)


def test_tasks_lists_every_task(capsys):
    code, out, _ = call(capsys, "tasks")
    assert code == 0
    for task_id in jaxcar.task_ids():
        assert task_id in out
    assert "has_key, door_open, at_goal" in out
    code, out, _ = call(capsys, "tasks", "--json")
    rows = {row["task"]: row for row in json.loads(out)}
    assert rows["MiniGrid-DoorKey-8x8-v0"]["frame"] == [64, 64, 3]


@pytest.mark.parametrize("name", ["run", "train", "check", "explain", "verify", "tasks"])
def test_every_command_has_help(capsys, name):
    code, out, _ = call(capsys, name, "--help")
    assert code == 0
    assert f"jaxcar {name}" in out


def test_usage(capsys):
    assert call(capsys)[0] == 2
    code, out, _ = call(capsys, "--help")
    assert code == 0
    for name in ("run", "train", "check", "explain", "verify", "tasks"):
        assert name in out


def test_the_version_loads_nothing_heavy():
    code = (
        "import sys; from jaxcar.cli import main; code = main(['--version']); "
        "sys.exit(code or any(m in sys.modules for m in ('jax', 'numpy', 'tyro', 'yaml')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"jaxcar {__version__}\n")


def test_ctrl_c_leaves_a_run_that_goes_on(files):
    folder = files / "runs" / "sparse"
    for arguments in (["run", "sparse.yaml"], ["train", "--resume", "runs/sparse"]):
        code, err = stop_after_lines(files, arguments, 2)
        assert code == 130
        assert "jaxcar train --resume runs/sparse" in err
        assert "Traceback" not in err
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        steps = [json.loads(line)["steps"] for line in lines]
        assert steps == [32 * (n + 1) for n in range(len(steps))]
        saved = [int(path.name) for path in (folder / "checkpoints" / "sparse").iterdir()]
        assert max(saved) == len(steps)
    assert len(steps) >= 4


def stop_after_lines(folder, arguments, count):
    """Start the command, press Ctrl-C once it has shown some chunks, and wait for its end."""
    command = [sys.executable, "-m", "jaxcar", *arguments]
    seen = []
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            seen.append(line)
            count -= "success" in line
            if count == 0 and "success" in line:
                process.send_signal(signal.SIGINT)
        return process.wait(timeout=120), "".join(seen)
