"""PPO's speed on one core: whole training runs, and the rollout with and without a reset pool.

CartPole is trained with 4 environments x 128 steps, with 2048 x 32, and with 2048 x 32 in 32
minibatches, for 4 epochs with the default network; DoorKey-8x8 with the default settings. The
rollouts take random actions: once with the pool, and once through gymnax's own `step`, which makes
a full reset in every environment at every step.

    python benchmarks/ppo.py [--repeats 5] [--out benchmarks/results/ppo.json]
"""

from __future__ import annotations

from typing import Any

from measure import arguments, compiled, report, seconds, use_one_core

CARTPOLE = ((4, 128, 4, 51_200), (2048, 32, 4, 262_144), (2048, 32, 32, 262_144))


def train_cartpole(num_envs: int, length: int, minibatches: int, steps: int) -> tuple[Any, Any]:
    import gymnax

    from jaxcar.rl import PPOConfig

    config = PPOConfig(
        total_steps=steps,
        num_envs=num_envs,
        rollout_length=length,
        minibatches=minibatches,
        learning_rate=2.5e-4,
        gae_lambda=0.95,
    )
    return gymnax.make("CartPole-v1")[0], config


def time_training(name: str, env: Any, config: Any, repeats: int) -> dict[str, Any]:
    import jax

    from jaxcar.rl import make_train

    key = jax.random.key(0)
    run, compile_s = compiled(make_train(env, config), key)
    spent = seconds(lambda: jax.block_until_ready(run(key)), repeats)
    return row(
        f"train {name}",
        config.num_envs,
        config.rollout_length,
        config.minibatches,
        config.total_steps,
        compile_s,
        spent,
    )


def pooled(env: Any, params: Any, num_envs: int, length: int) -> Any:
    """Random actions for `length` steps, done environments continuing from the pool."""
    import jax

    from jaxcar.envs import rollout

    def run(key: jax.Array) -> Any:
        key_start, key_pool = jax.random.split(key)
        carry = rollout.start(env, params, key_start, num_envs)
        pool = rollout.make_pool(env, params, key_pool, 64)
        act = lambda key, obs, state: (env.action_space(params).sample(key), ())  # noqa: E731

        def record(transition: Any) -> Any:
            step = transition.step
            return step.obs, step.reward, step.done

        _, kept = rollout.collect(env, params, act, carry, length, pool, record=record)
        return kept

    return run


def exact(env: Any, params: Any, num_envs: int, length: int) -> Any:
    """The same through gymnax's `step`."""
    import jax

    def run(key: jax.Array) -> Any:
        key_start, key_run = jax.random.split(key)
        obs, state = jax.vmap(env.reset, (0, None))(jax.random.split(key_start, num_envs), params)

        def lane(key: jax.Array, obs: Any, state: Any) -> Any:
            key_act, key_step = jax.random.split(key)
            action = env.action_space(params).sample(key_act)
            after = env.step(key_step, state, action, params)
            next_obs, next_state, reward, terminated, truncated, _ = after
            return (next_obs, next_state), (obs, reward, terminated | truncated)

        def advance(now: Any, keys: jax.Array) -> Any:
            return jax.vmap(lane)(keys, *now)

        keys = jax.random.split(key_run, (length, num_envs))
        _, kept = jax.lax.scan(advance, (obs, state), keys)
        return kept

    return run


def time_rollout(
    name: str, make_run: Any, env: Any, params: Any, num_envs: int, length: int, repeats: int
) -> dict[str, Any]:
    import jax

    key = jax.random.key(0)
    run, compile_s = compiled(make_run(env, params, num_envs, length), key)
    spent = seconds(lambda: jax.block_until_ready(run(key)), repeats)
    return row(f"rollout {name}", num_envs, length, None, num_envs * length, compile_s, spent)


def row(
    what: str,
    num_envs: int,
    length: int,
    minibatches: int | None,
    steps: int,
    compile_s: float,
    spent: dict[str, float],
) -> dict[str, Any]:
    return {
        "what": what,
        "num_envs": num_envs,
        "rollout_length": length,
        "minibatches": minibatches,
        "steps": steps,
        "steps_per_cpu_s": steps / spent["cpu_s"],
        "us_per_step": spent["cpu_s"] / steps * 1e6,
        "compile_s": compile_s,
        **spent,
    }


def main() -> None:
    options = arguments(__doc__)
    use_one_core()
    import gymnax

    from jaxcar.envs.registry import make
    from jaxcar.rl import PPOConfig

    rows = [
        time_training("CartPole", *train_cartpole(*sizes), options.repeats) for sizes in CARTPOLE
    ]
    door = make("MiniGrid-DoorKey-8x8-v0")
    config = PPOConfig(total_steps=PPOConfig().steps_per_update * 8)
    rows.append(time_training("DoorKey-8x8", door.env, config, options.repeats))
    cartpole, params = gymnax.make("CartPole-v1")
    for name, env, its_params in (
        ("CartPole", cartpole, params),
        ("DoorKey-8x8", door.env, door.params),
    ):
        for way, make_run in (("reset pool", pooled), ("gymnax's resets", exact)):
            rows.append(
                time_rollout(f"{name}, {way}", make_run, env, its_params, 64, 512, options.repeats)
            )
    report("PPO", rows, options)


if __name__ == "__main__":
    main()
