"""Compiled programs on a real task, through RewardedEnv and verification."""

import jax
import jax.numpy as jnp
import pytest

import jaxcar
from jaxcar.errors import JaxcarError
from jaxcar.verification import Preset

AT_GOAL = """
import numpy as np

def at_goal(frame, initial_frame):
    return bool(green(frame) < green(initial_frame) - 5)

def green(picture):
    levels = picture.astype(np.int32)
    return np.sum((levels[:, :, 1] > 150) & (levels[:, :, 0] < 120))
"""
CRASHING = """
import numpy as np

def crashing(frame):
    count = int(np.sum(frame[:, :, 2] == 254))
    return bool(1 // count > 0)
"""


@pytest.fixture(scope="module")
def task():
    return jaxcar.make("MiniGrid-Empty-5x5-v0")


def test_right_program_is_accepted_and_paid(task):
    program = jaxcar.compile_reward(AT_GOAL, frame=task.frame_shape)
    sizes = {"expert_episodes": 8, "random_episodes": 8}
    lenient = Preset("lenient", random_complete=1.0)
    verdict = jaxcar.verify(task, program, preset=lenient, key=jax.random.key(0), **sizes)
    assert verdict.accepted
    (subtask,) = verdict.subtasks
    assert subtask.name == "at_goal" and subtask.truth.expert_recall.value == 1.0
    assert subtask.truth.random_precision.value == 1.0

    env = jaxcar.RewardedEnv(task, [program])

    @jax.jit
    def walk(key):
        _, state = env.reset_env(key, task.params)

        def advance(state, number):
            action = task.expert(jax.random.fold_in(key, number), state.task_state, task.params)
            key_step = jax.random.fold_in(key, number + 100)
            _, state, _, terminated, info = env.step_env(key_step, state, action, task.params)
            return state, (terminated, info["program_reward"], info["success"])

        return jax.lax.scan(advance, state, jnp.arange(5))[1]

    terminated, paid, success = walk(jax.random.key(1))
    assert terminated.tolist() == success.tolist() == [False] * 4 + [True]
    assert paid.tolist() == [0, 0, 0, 0, 0.25]


def test_crashing_program_is_rejected_with_its_line(task):
    program = jaxcar.compile_reward(CRASHING, frame=task.frame_shape)
    verdict = jaxcar.verify(
        task, program, key=jax.random.key(0), expert_episodes=4, random_episodes=4
    )
    assert not verdict.accepted
    assert verdict.faults[0].line == 6 and verdict.faults[0].limit == 0
    assert any("line 6: ZeroDivisionError" in reason for reason in verdict.reasons)


def test_program_for_another_frame_is_refused(task):
    program = jaxcar.compile_reward(AT_GOAL, frame=(48, 48, 3))
    with pytest.raises(JaxcarError, match=r"another frame[\s\S]*uint8\[48, 48, 3\]"):
        jaxcar.verify(task, program, key=jax.random.key(0))
    with pytest.raises(JaxcarError, match="another frame"):
        jaxcar.RewardedEnv(task, [program])
