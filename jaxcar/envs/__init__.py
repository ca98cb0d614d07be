"""Tasks to learn: environments with a picture, words, sub-tasks and an expert."""

from jaxcar.envs.registry import make, register, task_ids
from jaxcar.envs.task import SubTask, Task

__all__ = ["SubTask", "Task", "make", "register", "task_ids"]
