"""Settings that every test shares: the CPU, a persistent compilation cache, JAX's own checks."""

import os
import pathlib
import tempfile

_flags = os.environ.get("XLA_FLAGS", "")
if "xla_backend_optimization_level" not in _flags:
    # Nothing is timed in the suite: compile fast rather than well.
    os.environ["XLA_FLAGS"] = f"{_flags} --xla_backend_optimization_level=0".strip()
os.environ.setdefault("JAX_PLATFORMS", "cpu")
_cache = pathlib.Path(tempfile.gettempdir()) / "jaxcar-test-cache"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_cache))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

import jax
import pytest


@pytest.fixture(autouse=True)
def _strict_keys():
    """Refuse to use one key twice."""
    with jax.debug_key_reuse(True):
        yield
