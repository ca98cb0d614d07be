"""Networks: from one observation to the policy's head and the value."""

from __future__ import annotations

import math
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp


class ActorCritic(nn.Module):
    """A policy and a value, by multi-layer perceptrons on the flattened observation.

    Weights start orthogonal, with gain sqrt(2) in the hidden layers, 0.01 for the policy's
    outputs (so that it starts close to uniform) and 1 for the value; biases start at zero.

    Attributes:
        outputs: how many numbers the network gives the policy's head.
        free: how many parameters, zero at the start, follow them in the head.
        hidden: width of every hidden layer.
        activation: the name of a function in `jax.nn`.
        shared_torso: share the hidden layers between policy and value.

    Source:
        Andrychowicz et al., What Matters In On-Policy Reinforcement Learning?, 2020.

    Example:
        >>> network = ActorCritic(outputs=3, free=0, hidden=(8,))
        >>> params = network.init(jax.random.key(0), jnp.zeros(5))
        >>> head, value = network.apply(params, jnp.zeros(5))
        >>> head.shape, value.shape
        ((3,), ())
    """

    outputs: int
    free: int
    hidden: tuple[int, ...] = (64, 64)
    activation: str = "tanh"
    shared_torso: bool = False

    @nn.compact
    def __call__(self, obs: Any) -> tuple[jax.Array, jax.Array]:
        """Apply the network to one observation, any pytree of arrays.

        Args:
            obs: the observation, unbatched.

        Returns:
            The head f32[outputs + free], and the value f32[].
        """
        inputs = flatten_observation(obs)
        torso = self._torso("actor", inputs)
        head = _dense(self.outputs, 0.01, "policy")(torso)
        if self.free:
            constants = self.param("free", nn.initializers.zeros, (self.free,))
            head = jnp.concatenate([head, constants])
        if not self.shared_torso:
            torso = self._torso("critic", inputs)
        value = _dense(1, 1.0, "value")(torso)
        return head, value[0]

    def _torso(self, name: str, inputs: jax.Array) -> jax.Array:
        activation = getattr(jax.nn, self.activation)
        for index, width in enumerate(self.hidden):
            inputs = activation(_dense(width, math.sqrt(2), f"{name}_{index}")(inputs))
        return inputs


def forward(network: ActorCritic, weights: Any, obs: Any) -> tuple[jax.Array, jax.Array]:
    """Apply a network with given weights to one observation.

    Args:
        network: the network.
        weights: from its `init`.
        obs: the observation, unbatched.

    Returns:
        The head f32[outputs + free], and the value f32[].
    """
    head, value = network.apply(weights, obs)
    assert isinstance(head, jax.Array)
    assert isinstance(value, jax.Array)
    return head, value


def flatten_observation(obs: Any) -> jax.Array:
    """Flatten one observation and cast it to f32, without scaling.

    Args:
        obs: any pytree of numbers, booleans and arrays, unbatched.

    Returns:
        f32[D], its leaves in the tree's order.

    Example:
        >>> flatten_observation({"image": jnp.ones((2, 2), jnp.uint8), "way": 3}).tolist()
        [1.0, 1.0, 1.0, 1.0, 3.0]
    """
    leaves = [jnp.ravel(jnp.asarray(leaf, jnp.float32)) for leaf in jax.tree.leaves(obs)]
    return leaves[0] if len(leaves) == 1 else jnp.concatenate(leaves)


def orthogonal(gain: float) -> Any:
    """Return an initialiser of orthogonal weights, by Gram-Schmidt on a Gaussian matrix.

    The distribution is that of the usual QR decomposition. A batch of LAPACK decompositions, as
    `vmap` over seeds asks for, can wait for ever on a CPU with two cores: this needs none.

    Args:
        gain: the length of every row or column, whichever are fewer.

    Returns:
        `(key, shape, dtype) -> f32[inputs, outputs]`.

    Example:
        >>> weights = orthogonal(2.0)(jax.random.key(0), (8, 3))
        >>> bool(jnp.allclose(weights.T @ weights, 4.0 * jnp.eye(3), atol=1e-5))
        True
    """

    def initialise(key: jax.Array, shape: tuple[int, int], dtype: Any = jnp.float32) -> jax.Array:
        length, count = max(shape), min(shape)
        vectors = jax.random.normal(key, (count, length), dtype)

        def add(index: jax.Array, basis: jax.Array) -> jax.Array:
            vector = vectors[index]
            for _ in range(2):  # once more, for what rounding left of the others
                vector = vector - (basis @ vector) @ basis
            return basis.at[index].set(vector / jnp.linalg.norm(vector))

        basis = jax.lax.fori_loop(0, count, add, jnp.zeros_like(vectors))
        return gain * (basis.T if shape[0] >= shape[1] else basis)

    return initialise


def _dense(width: int, gain: float, name: str) -> nn.Dense:
    return nn.Dense(width, kernel_init=orthogonal(gain), name=name)
