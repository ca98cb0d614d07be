import jax
import jax.numpy as jnp
import numpy as np
import pytest
from corridor import HandProgram, corridor_task, two_bits

from jaxcar.errors import JaxcarError
from jaxcar.rewarded import RewardedEnv


def walk(env, actions, params=None):
    """Step through `step_env` until the actions are used up; return what each step gave."""
    params = env.default_params if params is None else params
    _, state = env.reset_env(jax.random.key(0), params)
    rows = [state]
    step = jax.jit(env.step_env)
    results = []
    for number, action in enumerate(actions):
        obs, state, reward, terminated, info = step(jax.random.key(number), state, action, params)
        rows.append(state)
        results.append((obs, float(reward), bool(terminated), info))
    return rows, results


def pays(results):
    return [float(info["program_reward"]) for *_, info in results]


def test_pays_each_subtask_once_at_its_first_completion():
    env = RewardedEnv(corridor_task(), [two_bits(1, 2)], weights=[0.5, 2.0])
    _, results = walk(env, [1, 0, 1, 1, 0, 1])
    assert pays(results) == [0.5, 0, 0, 2.0, 0, 0]
    assert [info["completed"].tolist() for *_, info in results][:3] == [
        [True, False],
        [False, False],
        [True, False],
    ]


def test_terminal_frame_is_seen_and_task_reward_is_added():
    env = RewardedEnv(corridor_task(), [two_bits(4)])
    _, results = walk(env, [1, 1, 1, 1])
    _, reward, terminated, info = results[-1]
    assert terminated and bool(info["success"])
    assert (reward, float(info["task_reward"]), float(info["program_reward"])) == (1.25, 1.0, 0.25)
    assert pays(results)[:-1] == [0, 0, 0]


def test_in_order_waits_for_the_earlier_subtask():
    program = two_bits(3, 1)
    _, results = walk(RewardedEnv(corridor_task(), [program]), [1, 1, 1])
    assert pays(results) == [0, 0, 0.5]
    _, results = walk(RewardedEnv(corridor_task(), [program], in_order=False), [1, 1, 1])
    assert pays(results) == [0.25, 0, 0.25]


def test_what_is_true_at_the_start_is_credited_and_never_paid():
    env = RewardedEnv(corridor_task(), [two_bits(0, 2)])
    rows, results = walk(env, [1, 0, 1, 1])
    assert rows[0].credited.tolist() == [True, False]
    assert pays(results) == [0, 0, 0, 0.25]


def test_reset_shows_the_first_frame_once():
    """A program that latches its first call latches the reset frame; its reward is not paid."""
    program = HandProgram(lambda calls, first, red: (10.0 * (calls == 0), [], [0]))
    env = RewardedEnv(corridor_task(), [program], reward="raw")
    rows, results = walk(env, [1, 1])
    assert rows[0].memory[0]["calls"] == 1
    assert pays(results) == [0, 0]


def test_memory_never_crosses_an_episode():
    env = RewardedEnv(corridor_task(length=2), [two_bits(1, 2)])
    _, state = env.reset(jax.random.key(0))
    credited, rewards, calls = [], [], []
    for number in range(4):
        _, state, _, _, _, info = env.step(jax.random.key(number), state, 1)
        credited.append(state.credited.tolist())
        rewards.append(float(info["program_reward"]))
        calls.append(int(state.memory[0]["calls"]))
    assert rewards == [0.25, 0.25, 0.25, 0.25]
    assert credited[1] == [False, False]
    assert calls == [2, 1, 2, 1]


def test_raw_pays_the_sum_of_numbers_at_every_step():
    double = HandProgram(lambda calls, first, red: (2.0 * red, [], [0]))
    negative = HandProgram(lambda calls, first, red: (-0.5, [], [0]))
    env = RewardedEnv(corridor_task(), [double, negative], reward="raw")
    _, results = walk(env, [1, 1])
    assert pays(results) == [1.5, 3.5]
    assert sorted(results[0][-1]["components"]) == ["0.red", "1.red"]


def discounted(results, discount):
    return sum(discount**t * pay for t, pay in enumerate(pays(results)))


@pytest.mark.parametrize("kind", ["share", "number"])
def test_potential_telescopes_and_ends_at_zero_at_termination(kind):
    number = HandProgram(lambda calls, first, red: (0.3 * red + 0.2, [], [0]))
    program = two_bits(0, 1, 3) if kind == "share" else number
    env = RewardedEnv(corridor_task(), [program], reward="potential", discount=0.9)
    rows, results = walk(env, [1, 0, 1, 1, 1, 1])
    assert [terminated for _, _, terminated, _ in results] == [False] * 5 + [True]
    assert rows[0].phi > 0 and rows[-1].phi == 0
    np.testing.assert_allclose(discounted(results, 0.9), -rows[0].phi, rtol=1e-5)


def test_potential_is_kept_at_truncation():
    env = RewardedEnv(corridor_task(), [two_bits(1, 2)], reward="potential", weights=[1, 3])
    rows, results = walk(env, [1, 0, 0, 0, 0, 0])
    assert not results[-1][2] and bool(env.is_truncated(rows[-1], env.default_params))
    assert float(rows[-1].phi) == 0.25
    np.testing.assert_allclose(discounted(results, 0.99), 0.99**6 * 0.25, rtol=1e-5)


def test_potential_is_held_on_a_fault_and_still_telescopes():
    program = HandProgram(
        lambda calls, first, red: (jnp.where(calls == 2, 0.0, 1.0 + red), [], [(calls == 2) * 65])
    )
    env = RewardedEnv(corridor_task(), [program], reward="potential", discount=0.9)
    rows, results = walk(env, [1, 1, 1])
    assert rows[1].phi == rows[2].phi == 2.0
    assert [int(info["fault"][0]) for *_, info in results] == [0, 65, 0]
    np.testing.assert_allclose(
        discounted(results, 0.9), 0.9**3 * rows[-1].phi - rows[0].phi, rtol=1e-5
    )


@pytest.mark.parametrize("bad", [jnp.nan, jnp.inf, -jnp.inf])
def test_non_finite_reward_pays_nothing_and_is_told(bad):
    program = HandProgram(lambda calls, first, red: (jnp.where(calls == 2, bad, 1.0), [], [0]))
    fine = HandProgram(lambda calls, first, red: (5.0, [], [0]))
    _, results = walk(RewardedEnv(corridor_task(), [program, fine], reward="raw"), [1, 1, 1])
    assert pays(results) == [6, 5, 6]
    assert [bool(info["non_finite"]) for *_, info in results] == [False, True, False]
    rows, _ = walk(RewardedEnv(corridor_task(), [program], reward="potential"), [1, 1, 1])
    assert [float(row.phi) for row in rows] == [1, 1, 1, 1]


def test_observe_progress_appends_the_credits():
    plain = RewardedEnv(corridor_task(), [two_bits(1, 2)])
    env = RewardedEnv(corridor_task(), [two_bits(1, 2)], observe_progress=True)
    _, results = walk(env, [1, 0, 1])
    _, plain_results = walk(plain, [1, 0, 1])
    for (obs, *_), (plain_obs, *_) in zip(results, plain_results, strict=True):
        assert obs.tolist() == [*plain_obs.tolist(), 1, 0]
    space = env.observation_space()
    assert space.shape == (4,) and space.high.tolist() == [10, 10, 1, 1]
    assert plain.observation_space().shape == (2,)


def test_step_under_jit_and_vmap_equals_single_steps():
    env = RewardedEnv(corridor_task(), [two_bits(1), two_bits(2)], observe_progress=True)
    actions = jnp.array([[1, 1, 1, 1, 1, 0], [0, 1, 0, 1, 1, 1]])

    def rollout(key, actions):
        key_reset, key_steps = jax.random.split(key)
        _, state = env.reset_env(key_reset, env.default_params)

        def advance(state, inputs):
            number, action = inputs
            key_step = jax.random.fold_in(key_steps, number)
            obs, state, reward, terminated, truncated, info = env.step(key_step, state, action)
            return state, (obs, reward, terminated | truncated, info)

        return jax.lax.scan(advance, state, (jnp.arange(6), actions))[1]

    keys = jax.random.split(jax.random.key(1), 2)
    together = jax.jit(jax.vmap(rollout))(keys, actions)
    apart = [rollout(key, action) for key, action in zip(keys, actions, strict=True)]
    for one, row in zip(apart, range(2), strict=True):
        jax.tree.map(lambda a, b, row=row: np.testing.assert_array_equal(a, b[row]), one, together)
    assert together[3]["program_reward"].sum(axis=1).tolist() == [0.75, 0.5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reward": "bonus"}, "unknown way to pay"),
        ({"weights": [0.1]}, "one weight for each sub-task"),
        ({"weights": -1.0}, "not negative"),
        ({"weights": float("nan")}, "finite"),
        ({"weights": 0.0, "reward": "potential"}, "weight above 0"),
        ({"reward": "potential", "discount": 1.5}, "discount"),
    ],
)
def test_refuses_terms_that_cannot_be_paid(options, message):
    with pytest.raises(JaxcarError, match=message):
        RewardedEnv(corridor_task(), [two_bits(1, 2)], **options)


def test_refuses_programs_that_do_not_fit():
    other = HandProgram(lambda calls, first, red: (0.0, [red > 0], [0]), ("a",), shape=(8, 8, 3))
    with pytest.raises(JaxcarError, match=r"another frame[\s\S]*uint8\[8, 8, 3\]"):
        RewardedEnv(corridor_task(), [other])
    state_program = HandProgram(
        lambda calls, first, red: (0.0, [red > 0], [0]), ("a",), input_names=("cube_pos",)
    )
    with pytest.raises(JaxcarError, match=r"asks for inputs[\s\S]*cube_pos"):
        RewardedEnv(corridor_task(), [state_program])
    number = HandProgram(lambda calls, first, red: (1.0, [], [0]))
    with pytest.raises(JaxcarError, match="what is completed"):
        RewardedEnv(corridor_task(), [number])
    with pytest.raises(JaxcarError, match="return a number"):
        RewardedEnv(corridor_task(), [two_bits(1)], reward="raw")
    with pytest.raises(JaxcarError, match="nothing to show"):
        RewardedEnv(corridor_task(), [number], reward="raw", observe_progress=True)
