"""The learner's settings."""

from __future__ import annotations

from dataclasses import dataclass

from jaxcar.errors import ConfigError

_AT_LEAST_ONE = ("total_steps", "num_envs", "rollout_length", "epochs", "minibatches", "reset_pool")
_POSITIVE = ("learning_rate", "clip", "max_grad_norm")
_NOT_NEGATIVE = ("value_coefficient", "entropy_coefficient")
_ACTIVATIONS = ("tanh", "relu", "silu")
_SHARES = ("discount", "gae_lambda")


@dataclass(frozen=True)
class PPOConfig:
    """Settings of PPO; the sizes must divide, nothing is rounded.

    One update takes `num_envs * rollout_length` environment steps (8,000 by default) and runs
    `epochs * minibatches` gradient steps on them. The defaults suit tasks that pay at the end
    only, such as MiniGrid's DoorKey: lambda near 1 carries the reward far back, and a long
    rollout keeps normalised advantages, which are noise until the first reward, from moving the
    policy. Shorter rollouts learn sooner where rewards are frequent.

    Attributes:
        total_steps: environment steps of the whole run, over all environments: a multiple of
            `num_envs * rollout_length`.
        num_envs: environments that are stepped side by side.
        rollout_length: steps that each of them takes for one update.
        epochs: passes over the rollout.
        minibatches: gradient steps per epoch; divides `num_envs * rollout_length`.
        microbatch: samples whose gradient is computed at once; the minibatch's gradient is their
            mean. Divides the minibatch. Same numbers, to rounding, as the whole minibatch at
            once, but on a CPU 256 samples stay in its cache. None: on a CPU the largest divisor
            of the minibatch between 64 and 256, if there is one; elsewhere the minibatch.
        learning_rate: of Adam.
        anneal_learning_rate: lower it linearly to zero over the run.
        discount: gamma, per step.
        gae_lambda: lambda of the advantage estimate.
        clip: the probability ratio is clipped to 1 - clip .. 1 + clip.
        value_coefficient: weight of the value's squared error, which has a factor 1/2.
        entropy_coefficient: weight of the policy's entropy, in nats.
        max_grad_norm: the gradient of all parameters together is scaled to at most this norm.
        hidden: width of each hidden layer.
        activation: "tanh", "relu" or "silu".
        shared_torso: share the hidden layers between policy and value: about half the work.
        reset_pool: fresh resets that are made for every rollout; done environments draw from
            them.
        normalise_advantage: give the advantages of a minibatch mean 0 and deviation 1.

    Example:
        >>> PPOConfig(total_steps=1_000_000).num_updates
        125
    """

    total_steps: int = 1_000_000
    num_envs: int = 64
    rollout_length: int = 125
    epochs: int = 4
    minibatches: int = 16
    microbatch: int | None = None
    learning_rate: float = 1e-3
    anneal_learning_rate: bool = False
    discount: float = 0.99
    gae_lambda: float = 0.99
    clip: float = 0.2
    value_coefficient: float = 0.5
    entropy_coefficient: float = 0.01
    max_grad_norm: float = 0.5
    hidden: tuple[int, ...] = (64, 64)
    activation: str = "tanh"
    shared_torso: bool = False
    reset_pool: int = 64
    normalise_advantage: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        for name in _AT_LEAST_ONE:
            self._require(name, getattr(self, name) >= 1, "at least 1")
        for name in _POSITIVE:
            self._require(name, getattr(self, name) > 0, "more than 0")
        for name in _NOT_NEGATIVE:
            self._require(name, getattr(self, name) >= 0, "at least 0")
        for name in _SHARES:
            self._require(name, 0 <= getattr(self, name) <= 1, "between 0 and 1")
        self._require("hidden", all(width >= 1 for width in self.hidden), "widths of at least 1")
        self._require("activation", self.activation in _ACTIVATIONS, ", ".join(_ACTIVATIONS))
        self._check_sizes()

    @property
    def steps_per_update(self) -> int:
        """Environment steps of one rollout."""
        return self.num_envs * self.rollout_length

    @property
    def num_updates(self) -> int:
        """Updates of the whole run."""
        return self.total_steps // self.steps_per_update

    @property
    def minibatch_size(self) -> int:
        """Samples of one gradient step."""
        return self.steps_per_update // self.minibatches

    def microbatch_size(self, platform: str) -> int:
        """Samples whose gradient is computed at once.

        Args:
            platform: where the learner runs, as `jax.default_backend()` says it.

        Returns:
            A divisor of `minibatch_size`.
        """
        if self.microbatch is not None:
            return self.microbatch
        if platform != "cpu":
            return self.minibatch_size
        fitting = (size for size in range(256, 63, -1) if self.minibatch_size % size == 0)
        return next(fitting, self.minibatch_size)

    def _check_sizes(self) -> None:
        per_update = self.steps_per_update
        below = self.total_steps // per_update * per_update
        self._require(
            "total_steps",
            self.total_steps % per_update == 0,
            f"a multiple of num_envs * rollout_length = {per_update}",
            f"{below} and {below + per_update} are the nearest"
            if below
            else f"{per_update} is the least",
        )
        self._require(
            "minibatches",
            per_update % self.minibatches == 0,
            f"a divisor of num_envs * rollout_length = {per_update}",
        )
        if self.microbatch is not None:
            self._require(
                "microbatch",
                self.microbatch >= 1 and self.minibatch_size % self.microbatch == 0,
                f"a divisor of the minibatch's {self.minibatch_size} samples",
            )

    def _require(self, name: str, holds: bool, expected: str, fix: str | None = None) -> None:
        if not holds:
            raise ConfigError(
                f"PPO's {name} cannot be used",
                where=name,
                got=getattr(self, name),
                expected=expected,
                fix=fix,
            )
