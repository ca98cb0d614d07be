"""What passes between jaxcar and a vision-language model: prompts, replies and their records."""

from jaxcar.vlm.clients import Client, Reply
from jaxcar.vlm.prompts import (
    Picture,
    ProgramBrief,
    Prompt,
    SubTaskText,
    diagnostics_prompt,
    enlarge,
    program_prompt,
    subtasks_prompt,
    verdict_prompt,
)
from jaxcar.vlm.replies import extract_program, extract_subtasks
from jaxcar.vlm.transcript import FolderClient, PendingReply, Recording, ReplayClient

__all__ = [
    "Client",
    "FolderClient",
    "PendingReply",
    "Picture",
    "ProgramBrief",
    "Prompt",
    "Recording",
    "ReplayClient",
    "Reply",
    "SubTaskText",
    "diagnostics_prompt",
    "enlarge",
    "extract_program",
    "extract_subtasks",
    "program_prompt",
    "subtasks_prompt",
    "verdict_prompt",
]
