"""A tiny environment whose parameters isolate one failure of a learner at a time."""

import jax
import jax.numpy as jnp
from flax import struct
from gymnax.environments import spaces
from gymnax.environments.environment import Environment, EnvParams, EnvState


@struct.dataclass
class ProbeState(EnvState):
    sign: jax.Array


@struct.dataclass
class ProbeParams(EnvParams):
    """Which terms the reward has, what is seen, and when an episode ends.

    The sign is drawn at the reset, -1 or 1. The push is -1 for action 0 and 1 for action 1; for a
    continuous action it is minus the squared distance to 0.5.
    """

    max_steps_in_episode: int = 1000
    length: int = 1
    constant: float = 0.0
    at_end: float = 0.0
    by_sign: float = 0.0
    by_push: float = 0.0
    by_match: float = 0.0
    show_sign: float = 1.0
    show_time: float = 1.0


class Probe(Environment):
    def __init__(self, space=None):
        super().__init__()
        self._space = spaces.Discrete(2) if space is None else space

    @property
    def default_params(self):
        return ProbeParams()

    def reset_env(self, key, params):
        sign = jax.random.rademacher(key, (), jnp.float32)
        state = ProbeState(time=0, sign=sign)
        return self._observe(state, params), state

    def step_env(self, key, state, action, params):
        if isinstance(self._space, spaces.Discrete):
            push = 2.0 * action - 1.0
        else:
            push = -jnp.square(action - 0.5).sum()
        state = state.replace(time=state.time + 1)
        last = state.time >= params.length
        reward = (
            params.constant
            + params.at_end * last
            + params.by_sign * state.sign
            + params.by_push * push
            + params.by_match * push * state.sign
        )
        return self._observe(state, params), state, reward, last, {"success": reward > 0}

    def _observe(self, state, params):
        return jnp.stack([state.sign * params.show_sign, state.time * params.show_time])

    def action_space(self, params):
        return self._space
