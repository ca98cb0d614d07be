"""Settings that cannot be used are refused, and nothing is rounded."""

import pytest

from jaxcar.errors import ConfigError
from jaxcar.rl import PPOConfig


def test_the_defaults_divide_a_million_steps():
    config = PPOConfig()
    assert config.num_updates * config.steps_per_update == config.total_steps == 1_000_000
    assert config.minibatch_size * config.minibatches == config.steps_per_update


def test_steps_that_do_not_divide_name_the_nearest_that_do():
    with pytest.raises(ConfigError, match="total_steps") as error:
        PPOConfig(total_steps=1000, num_envs=16, rollout_length=16, minibatches=4)
    assert "768 and 1024" in str(error.value)
    with pytest.raises(ConfigError, match="256 and 512"):
        PPOConfig(total_steps=300, num_envs=16, rollout_length=16, minibatches=4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("minibatches", 3),
        ("microbatch", 3),
        ("num_envs", 0),
        ("epochs", 0),
        ("reset_pool", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("clip", -0.2),
        ("discount", 1.5),
        ("gae_lambda", -0.1),
        ("entropy_coefficient", -1.0),
        ("hidden", (64, 0)),
        ("activation", "tahn"),
    ],
)
def test_bad_settings_are_refused_by_name(name, value):
    sizes = {"total_steps": 64, "num_envs": 4, "rollout_length": 8, "minibatches": 2}
    with pytest.raises(ConfigError, match=name):
        PPOConfig(**{**sizes, name: value})


def test_the_microbatch_fits_the_cache_of_a_cpu_and_always_divides():
    config = PPOConfig(total_steps=65536, num_envs=2048, rollout_length=32, minibatches=4)
    assert config.minibatch_size == 16384
    assert config.microbatch_size("cpu") == 256
    assert config.microbatch_size("gpu") == 16384
    prime = PPOConfig(total_steps=2 * 1009, num_envs=1009, rollout_length=2, minibatches=2)
    assert prime.microbatch_size("cpu") == 1009
    chosen = PPOConfig(total_steps=64, num_envs=4, rollout_length=16, minibatches=2, microbatch=8)
    assert chosen.microbatch_size("gpu") == 8


def test_a_list_of_widths_is_taken_as_a_tuple():
    assert PPOConfig(hidden=[32, 16]).hidden == (32, 16)  # type: ignore[arg-type]
