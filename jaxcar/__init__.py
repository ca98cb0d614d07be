"""jaxcar: Code as Reward for JAX.

Public names are loaded when they are first used, so that `import jaxcar` costs little more than
`import jax` (gymnax alone imports pandas and seaborn).
"""

import importlib
from typing import TYPE_CHECKING, Any

from jaxcar.version import __version__

if TYPE_CHECKING:
    from jaxcar.envs.registry import make, register, task_ids
    from jaxcar.envs.task import SubTask, Task
    from jaxcar.errors import JaxcarError, RefusedProgram, RejectedReward
    from jaxcar.lang.diagnostic import Diagnostic
    from jaxcar.lang.rules import Limits
    from jaxcar.program.compile import RewardProgram, check, compile_reward
    from jaxcar.rewarded import RewardedEnv
    from jaxcar.synthesize import synthesize
    from jaxcar.verification import Verdict, verify

_HOMES = {
    "Diagnostic": "jaxcar.lang.diagnostic",
    "JaxcarError": "jaxcar.errors",
    "Limits": "jaxcar.lang.rules",
    "RefusedProgram": "jaxcar.errors",
    "RejectedReward": "jaxcar.errors",
    "RewardProgram": "jaxcar.program.compile",
    "RewardedEnv": "jaxcar.rewarded",
    "SubTask": "jaxcar.envs.task",
    "Task": "jaxcar.envs.task",
    "Verdict": "jaxcar.verification",
    "check": "jaxcar.program.compile",
    "compile_reward": "jaxcar.program.compile",
    "make": "jaxcar.envs.registry",
    "register": "jaxcar.envs.registry",
    "synthesize": "jaxcar.synthesize",
    "task_ids": "jaxcar.envs.registry",
    "verify": "jaxcar.verification",
}

__all__ = [
    "Diagnostic",
    "JaxcarError",
    "Limits",
    "RefusedProgram",
    "RejectedReward",
    "RewardProgram",
    "RewardedEnv",
    "SubTask",
    "Task",
    "Verdict",
    "__version__",
    "check",
    "compile_reward",
    "make",
    "register",
    "synthesize",
    "task_ids",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'jaxcar' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
