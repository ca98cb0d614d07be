"""The shuffle is a fair deal: everything once, everywhere alike, rows apart from each other."""

import jax
import numpy as np
import pytest
import scipy.stats

from jaxcar.rl.shuffle import minibatch_indices

SAMPLES, MINIBATCHES, EPOCHS = 24, 4, 3000


@pytest.fixture(scope="module")
def place():
    """Which minibatch each sample fell into, int[EPOCHS, SAMPLES]."""
    keys = jax.random.split(jax.random.key(0), EPOCHS)
    deal = jax.vmap(lambda key: minibatch_indices(key, SAMPLES, MINIBATCHES))
    indices = np.asarray(jax.jit(deal)(keys))
    assert indices.shape == (EPOCHS, MINIBATCHES, SAMPLES // MINIBATCHES)
    assert (np.sort(indices.reshape(EPOCHS, -1)) == np.arange(SAMPLES)).all()
    place = np.zeros((EPOCHS, SAMPLES), int)
    for minibatch in range(MINIBATCHES):
        np.put_along_axis(place, indices[:, minibatch], minibatch, axis=1)
    return place


def test_every_sample_falls_into_every_minibatch_alike(place):
    for sample in range(SAMPLES):
        counts = np.bincount(place[:, sample], minlength=MINIBATCHES)
        assert scipy.stats.chisquare(counts).pvalue > 1e-4


def test_samples_of_different_rows_fall_independently(place):
    for other in range(MINIBATCHES, SAMPLES):
        table = np.histogram2d(place[:, 1], place[:, other], bins=MINIBATCHES)[0]
        assert scipy.stats.chisquare(table.ravel()).pvalue > 1e-4


def test_a_row_is_spread_over_all_minibatches(place):
    rows = place.reshape(EPOCHS, -1, MINIBATCHES)
    assert (np.sort(rows, axis=-1) == np.arange(MINIBATCHES)).all()


def test_a_minibatch_mean_varies_no_more_than_under_a_permutation(place):
    trend = np.sin(np.arange(SAMPLES) / 4)  # neighbours resemble each other, as in a rollout
    means = np.stack([trend[row == 0].mean() for row in place])
    rng = np.random.default_rng(0)
    permuted = [rng.permutation(trend)[: SAMPLES // MINIBATCHES].mean() for _ in range(EPOCHS)]
    assert abs(means.mean() - trend.mean()) < 0.01
    assert means.var() < np.var(permuted)
