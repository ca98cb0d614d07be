"""Distributions against SciPy: probabilities, entropies, samples, modes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats
from gymnax.environments import spaces

from jaxcar.errors import JaxcarError
from jaxcar.rl.distributions import (
    categorical,
    diagonal_gaussian,
    distribution_for,
    multi_discrete,
)

DRAWS = 4000


def draw(distribution, head, seed=0):
    keys = jax.random.split(jax.random.key(seed), DRAWS)
    return np.asarray(jax.vmap(distribution.sample, (0, None))(keys, head))


def test_categorical_agrees_with_scipy():
    logits = np.array([0.3, -1.0, 2.0, 0.0, -3.0])
    probs = scipy.special.softmax(logits)
    distribution = categorical(5)
    head = jnp.asarray(logits)
    log_probs = jax.vmap(distribution.log_prob, (None, 0))(head, jnp.arange(5))
    np.testing.assert_allclose(log_probs, np.log(probs), rtol=1e-5)
    np.testing.assert_allclose(distribution.entropy(head), scipy.stats.entropy(probs), rtol=1e-5)
    assert distribution.mode(head) == 2
    counts = np.bincount(draw(distribution, head), minlength=5)
    assert scipy.stats.chisquare(counts, DRAWS * probs).pvalue > 1e-3


def test_an_action_without_probability_is_never_drawn():
    for logits in ([0.0, -jnp.inf], [-jnp.inf, 0.0], [-jnp.inf, 0.0, -jnp.inf]):
        head = jnp.asarray(logits)
        assert np.isfinite(head[draw(categorical(len(logits)), head)]).all()
        assert categorical(len(logits)).entropy(head) == 0


def test_large_logits_do_not_overflow():
    distribution = categorical(2)
    head = jnp.asarray([1e4, 0.0])
    assert distribution.log_prob(head, jnp.int32(0)) == 0
    assert distribution.entropy(head) == 0
    assert draw(distribution, head).max() == 0


def test_multi_discrete_is_independent_categoricals():
    logits = (np.array([0.5, -0.5]), np.array([1.0, 0.0, -1.0]))
    first, second = (scipy.special.softmax(part) for part in logits)
    distribution = multi_discrete((2, 3))
    head = jnp.asarray(np.concatenate(logits))
    joint = np.outer(first, second)
    actions = jnp.asarray([[i, j] for i in range(2) for j in range(3)])
    log_probs = jax.vmap(distribution.log_prob, (None, 0))(head, actions)
    np.testing.assert_allclose(log_probs, np.log(joint).ravel(), rtol=1e-5)
    entropy = scipy.stats.entropy(joint.ravel())
    np.testing.assert_allclose(distribution.entropy(head), entropy, rtol=1e-5)
    assert distribution.mode(head).tolist() == [0, 0]
    drawn = draw(distribution, head)
    counts = np.bincount(drawn[:, 0] * 3 + drawn[:, 1], minlength=6)
    assert scipy.stats.chisquare(counts, DRAWS * joint.ravel()).pvalue > 1e-3


def test_gaussian_agrees_with_scipy():
    mean, log_deviation = np.array([0.4, -1.0]), np.array([0.2, -0.7])
    distribution = diagonal_gaussian((2,), -1.0, 1.0)
    reference = scipy.stats.multivariate_normal(mean, np.diag(np.exp(2 * log_deviation)))
    head = jnp.asarray(np.concatenate([mean, log_deviation]))
    for action in np.random.default_rng(0).normal(size=(5, 2)):
        got = distribution.log_prob(head, jnp.asarray(action))
        np.testing.assert_allclose(got, reference.logpdf(action), rtol=1e-5)
    np.testing.assert_allclose(distribution.entropy(head), reference.entropy(), rtol=1e-5)
    np.testing.assert_allclose(distribution.mode(head), mean, rtol=1e-6)
    drawn = draw(distribution, head)
    for i in range(2):
        marginal = scipy.stats.norm(mean[i], np.exp(log_deviation[i]))
        assert scipy.stats.kstest(drawn[:, i], marginal.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.06


def test_gaussian_actions_are_clipped_for_the_environment_only():
    distribution = diagonal_gaussian((2, 1), np.array([[-1.0], [0.0]]), np.inf)
    action = distribution.to_env(jnp.asarray([-3.0, 7.0]))
    assert action.tolist() == [[-1.0], [7.0]]
    far = distribution.log_prob(jnp.zeros(4), jnp.asarray([-3.0, 7.0]))
    edge = distribution.log_prob(jnp.zeros(4), jnp.asarray([-1.0, 7.0]))
    assert far < edge


def test_every_action_space_gets_its_distribution():
    discrete = distribution_for(spaces.Discrete(3))
    assert (discrete.outputs, discrete.free) == (3, 0)
    box = distribution_for(spaces.Box(-1.0, 1.0, (2,)))
    assert (box.outputs, box.free) == (2, 2)
    several = distribution_for(spaces.Tuple([spaces.Discrete(2), spaces.Discrete(5)]))
    assert several.outputs == 7
    first, second = several.to_env(jnp.asarray([1, 4]))
    assert (int(first), int(second)) == (1, 4)


@pytest.mark.parametrize(
    "space", [spaces.Dict({"x": spaces.Discrete(2)}), spaces.Tuple([spaces.Box(0, 1, (1,))])]
)
def test_other_action_spaces_are_refused(space):
    with pytest.raises(JaxcarError, match="no distribution"):
        distribution_for(space)
