"""Whole runs at a small size: the demo, going on after a stop, and what is left behind."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal

import jax
import numpy as np
import pytest

from jaxcar.cli import main
from jaxcar.errors import RunError
from jaxcar.run import checkpoint, execute, train
from jaxcar.run.config import load_config
from jaxcar.run.display import RichDisplay
from jaxcar.run.metrics import TIMINGS, MetricsLog
from jaxcar.run.signals import Interrupted, StopWish, stop_wish

SMOKE = pathlib.Path(__file__).parents[2] / "configs" / "doorkey-6x6.yaml"
TINY = [
    *("--train.num-envs", "4", "--train.rollout-length", "16", "--train.minibatches", "2"),
    *("--train.epochs", "1", "--train.hidden", "8", "--train.reset-pool", "4"),
    *("--train.total-steps", "256", "--evaluate.every", "64", "--evaluate.episodes", "4"),
    *("--checkpoint-minutes", "0"),
]
FEW = ["--verify.expert-episodes", "20", "--verify.random-episodes", "40"]


@pytest.fixture(autouse=True)
def _strict_keys():
    """Leave the suite's check of key reuse out: it doubles the time that tracing takes here, and
    the tests of the learner, the tasks and their rewards make it on the same functions."""
    yield


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The smoke configuration, small: recorded replies, verdict, both arms, film, report."""
    out = tmp_path_factory.mktemp("runs") / "demo"
    assert main(["run", str(SMOKE), *TINY, *FEW, "--out", str(out)]) == 0
    return out


class Silent:
    """A display that shows nothing."""

    def say(self, text):
        pass

    def begin(self, arm, steps, total):
        pass

    def show(self, measurement, steps_per_s):
        pass

    def end(self, arm, text):
        pass


def lines(path):
    """The metrics without what a clock says."""
    return [
        {k: v for k, v in json.loads(line).items() if k not in TIMINGS}
        for line in (path / "metrics.jsonl").read_text().splitlines()
    ]


def test_a_run_leaves_everything_behind(demo):
    present = {str(path.relative_to(demo)) for path in demo.rglob("*")}
    assert {
        "config.yaml", "machine.json", "task.json", "subtasks.json", "verdict.json",
        "metrics.jsonl", "film.json", "summary.json", "report.html", "programs/index.json",
        "exchanges/index.json", "exchanges/language.md", "pictures/1-start.png",
        "pictures/2-goal.png", "pictures/policy.gif", "checkpoints/program/4",
        "checkpoints/sparse/4",
    } <= present  # fmt: skip
    assert not [name for name in present if ".tmp" in name]


def test_its_summary_and_metrics_agree(demo):
    summary = json.loads((demo / "summary.json").read_text())
    assert summary["task"] == "MiniGrid-DoorKey-6x6-v0"
    assert summary["verdict"]["accepted"] is True
    assert [(line["arm"], line["kind"], line["steps"]) for line in lines(demo)] == [
        (arm, kind, steps)
        for arm in ("program", "sparse")
        for kind, steps in [*(("chunk", 64 * n) for n in (1, 2, 3, 4)), ("final", 256)]
    ]
    for arm in ("program", "sparse"):
        final = [line for line in lines(demo) if line["arm"] == arm][-1]
        assert summary["arms"][arm]["steps"] == 256
        assert summary["arms"][arm]["success"] == np.mean(final["sampled"]["success"])
        assert len(final["greedy"]["success"]) == 2
        assert set(final["sampled"]["subtasks"]) == {"has_key", "door_open", "at_goal"}
    assert 0 < summary["compile_s"] < summary["wall_s"]


def test_its_film_and_report_are_of_the_trained_policy(demo):
    film = json.loads((demo / "film.json").read_text())
    assert film["arm"] == "program"
    for episode in film["episodes"]:
        assert 1 <= episode["frames"] <= episode["length"] + 1
        assert len(episode["completed"]) == 3
    assert "programs accepted" in (demo / "report.html").read_text()


def test_a_run_can_be_redone_from_its_own_directory(demo):
    config = load_config(demo / "config.yaml")
    assert config.vlm.replies == str(demo / "exchanges")
    assert execute.programs.client_for(config).language is not None


class StopsAfter(Silent):
    """Asks to stop once `count` chunks of an arm were shown."""

    def __init__(self, wish, arm, count):
        self.wish, self.arm, self.left = wish, arm, count

    def show(self, measurement, steps_per_s):
        self.left -= measurement.arm == self.arm
        if self.left == 0:
            self.wish.number = signal.SIGINT


@pytest.mark.parametrize(("arm", "count"), [("program", 2), ("sparse", 1)])
def test_going_on_after_a_stop_gives_the_same_metrics(demo, tmp_path, arm, count, capsys):
    stopped = tmp_path / "stopped"
    shutil.copytree(demo, stopped)
    for name in ("metrics.jsonl", "summary.json", "report.html", "film.json"):
        (stopped / name).unlink()
    shutil.rmtree(stopped / "checkpoints")
    run, config = execute.reopen(stopped)
    wish = StopWish()
    with pytest.raises(Interrupted) as caught:
        execute.execute(config, run, StopsAfter(wish, arm, count), wish)
    assert caught.value.exit_code == 130
    assert checkpoint.updates(run.checkpoints(arm))[-1] == count
    with open(run.metrics, "a") as file:
        file.write('{"kind": "chunk", "arm"')  # as a killed run leaves it
    assert main(["train", "--resume", str(stopped)]) == 0
    assert lines(stopped) == lines(demo)
    for name in ("program", "sparse"):
        assert (stopped / "checkpoints" / name / "4").is_dir()


def test_a_finished_run_is_left_as_it_is(demo, capsys):
    before = (demo / "metrics.jsonl").read_bytes()
    assert main(["train", "--resume", str(demo)]) == 0
    assert (demo / "metrics.jsonl").read_bytes() == before


def test_metrics_without_the_checkpoints_line_are_refused(demo, tmp_path, capsys):
    broken = tmp_path / "broken"
    shutil.copytree(demo, broken)
    MetricsLog(broken / "metrics.jsonl").keep(lambda m: m.update < 3)
    assert main(["train", "--resume", str(broken)]) == 1
    assert "lack the line of the last checkpoint" in capsys.readouterr().err


def test_a_checkpoint_of_another_learner_is_refused(demo, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(demo, other)
    text = (other / "config.yaml").read_text()
    text = text.replace("- program\n", "").replace("  - 8\n", "  - 9\n")
    (other / "config.yaml").write_text(text)
    assert main(["train", "--resume", str(other)]) == 1
    assert "the checkpoint does not fit this run" in capsys.readouterr().err


def test_a_loss_that_is_not_finite_stops_the_run():
    sound = np.zeros((4, 2))
    host = {"non_finite_update": sound.copy(), "policy_loss": sound, "value_loss": sound.copy()}
    train._refuse_non_finite("program", 12, 4, host)
    host["non_finite_update"][2, 1] = 1
    host["value_loss"][2, 1] = np.nan
    with pytest.raises(RunError) as caught:
        train._refuse_non_finite("program", 12, 4, host)
    for words in ("arm program, seed 1, update 11", "value_loss nan", "learning_rate"):
        assert words in str(caught.value)


def test_checkpoints_keep_bits_and_typed_keys(tmp_path):
    state = {"key": jax.random.split(jax.random.key(3), 4), "x": np.float32([0.1, np.nan])}
    state["n"] = (np.int32(7), None)
    for update in (1, 2, 3):
        checkpoint.save(tmp_path, update, jax.device_put(state))
    assert checkpoint.updates(tmp_path) == [2, 3]
    like = jax.tree.map(lambda leaf: leaf[::-1] if leaf.ndim else leaf, jax.device_put(state))
    found = checkpoint.restore(tmp_path, 3, like)
    data = jax.random.key_data(found["key"])
    assert np.array_equal(data, jax.random.key_data(jax.random.split(jax.random.key(3), 4)))
    assert found["x"].tobytes() == state["x"].tobytes()
    assert found["n"] == (7, None)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_are_wishes_first_and_orders_then(number, code):
    before = signal.getsignal(number)
    with stop_wish() as wish:
        wish.check()
        os.kill(os.getpid(), number)
        with pytest.raises(Interrupted) as caught:
            wish.check()
        assert caught.value.exit_code == code
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_arms_stop_when_every_seed_has_arrived(demo):
    _, config = execute.reopen(demo)
    last = MetricsLog(demo / "metrics.jsonl").read()[0]
    config = dataclasses.replace(
        config, evaluate=dataclasses.replace(config.evaluate, stop_at=0.75)
    )

    def reason(success):
        sampled = dataclasses.replace(last.sampled, success=success)
        return train._reason_to_stop(config, dataclasses.replace(last, sampled=sampled))

    assert reason([1.0, 0.5]) is None
    assert "every seed succeeds in 75%" in reason([0.75, 1.0])


def test_the_display_draws_bars_on_a_terminal(demo):
    import io

    from rich.console import Console

    screen = io.StringIO()
    with RichDisplay(Console(file=screen, force_terminal=True, width=120)) as display:
        display.begin("program", 0, 256)
        for measurement in MetricsLog(demo / "metrics.jsonl").read()[:4]:
            display.show(measurement, 1000.0)
        display.end("program", "all steps are used")
    assert "256 / 256 steps" in screen.getvalue()
    assert "program: all steps are used" in screen.getvalue()
