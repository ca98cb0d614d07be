"""The compiler: a checked tree becomes pure JAX functions that return what CPython returns."""

from jaxcar.program.compile import RewardProgram, StepOutput, check, compile_reward

__all__ = ["RewardProgram", "StepOutput", "check", "compile_reward"]
