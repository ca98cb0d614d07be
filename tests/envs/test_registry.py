"""Tasks are found by their ids, and misspelt ones are named."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

import jaxcar.envs
from jaxcar.envs.registry import make, register, task_ids
from jaxcar.errors import JaxcarError, UnknownTask


def test_the_grid_tasks_are_there():
    ids = task_ids()
    for size in (5, 6, 8, 16):
        assert f"MiniGrid-DoorKey-{size}x{size}-v0" in ids
        assert f"MiniGrid-Empty-{size}x{size}-v0" in ids
    assert "MiniGrid-Empty-Random-6x6-v0" in ids


def test_every_task_describes_itself():
    for task_id in task_ids():
        task = make(task_id)
        assert task.id == task.env.name == task_id
        assert task.frame_shape[2] == 3
        assert task.subtasks[-1].name == "at_goal"
        assert not any(letter.isdigit() for letter in task.text)


def test_options_reach_the_task():
    task = make("MiniGrid-DoorKey-8x8-v0", tile_size=32, highlight=False, observation="full")
    assert task.frame_shape == (256, 256, 3)
    assert not task.render.highlight
    assert task.env.observation_space(task.params).shape == (8 * 8 * 3 + 2,)


@pytest.mark.parametrize(
    ("task_id", "hint"),
    [
        ("MiniGrid-DoorKey-8x8-v1", "did you mean 'MiniGrid-DoorKey-8x8-v0'"),
        ("zzz", "`jaxcar tasks` lists the tasks"),
    ],
)
def test_an_unknown_task_is_refused_with_a_hint(task_id, hint):
    with pytest.raises(UnknownTask, match="unknown task") as caught:
        make(task_id)
    assert task_id in str(caught.value)
    assert hint in str(caught.value)


def test_an_unknown_option_is_refused_with_a_hint():
    with pytest.raises(JaxcarError, match="unknown task option") as caught:
        make("MiniGrid-DoorKey-8x8-v0", tilesize=8)
    assert "did you mean 'tile_size'" in str(caught.value)
    assert "tile_size, highlight, observation" in str(caught.value)


def test_bad_option_values_are_refused():
    with pytest.raises(JaxcarError, match="tile size"):
        make("MiniGrid-DoorKey-8x8-v0", tile_size=9)
    with pytest.raises(JaxcarError, match="unknown kind of observation"):
        make("MiniGrid-DoorKey-8x8-v0", observation="pixels")


def test_register_adds_a_task(monkeypatch):
    monkeypatch.setattr(jaxcar.envs.registry, "_loaders", dict(jaxcar.envs.registry._loaders))

    def mine(*, tile_size: int = 8):
        return replace(make("MiniGrid-Empty-5x5-v0", tile_size=tile_size), id="Mine-v0")

    register("Mine-v0", mine)
    assert make("Mine-v0", tile_size=16).frame_shape == (80, 80, 3)
    assert task_ids()[-1] == "Mine-v0"
    with pytest.raises(JaxcarError, match="taken"):
        register("Mine-v0", mine)
    with pytest.raises(JaxcarError, match="callable"):
        register("Other-v0", 3)
    with pytest.raises(JaxcarError, match="unknown task option"):
        make("Mine-v0", observation="full")


def test_the_registry_imports_no_environment():
    code = (
        "import sys, jaxcar.envs; "
        "jaxcar.envs.task_ids(); "
        "sys.exit(sum(name in sys.modules for name in ('gymnax', 'pandas', 'jaxcar.envs.grid')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
