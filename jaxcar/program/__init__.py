"""The compiler: a checked tree becomes pure JAX functions that return what CPython returns."""

from jaxcar.program.compile import check, compile_reward
from jaxcar.program.reward_program import RewardProgram, StepOutput

__all__ = ["RewardProgram", "StepOutput", "check", "compile_reward"]
