"""What any source of replies looks like to the synthesis: one method, one kind of answer."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from jaxcar.vlm.prompts import Prompt


class Reply(NamedTuple):
    """What a model answered.

    Attributes:
        text: the reply, word for word.
        model: what answered, in words fit for a report.
        recorded: whether the reply was read from a record rather than asked for now.
    """

    text: str
    model: str
    recorded: bool


class Client(Protocol):
    """Whoever answers prompts: a record, a folder, an endpoint or a local model.

    Attributes:
        language: the language section that the client's records were made with, or None for the
            present one. A record is found by the exact text of its prompt, and the language grows;
            replaying an older record therefore needs the section of its day.
    """

    @property
    def language(self) -> str | None:
        """Return the language section to ask with, or None for the present one."""
        ...

    def ask(self, prompt: Prompt, sample: int = 0) -> Reply:
        """Return the `sample`-th answer to a prompt.

        Args:
            prompt: the text and pictures to answer.
            sample: 0 for the first answer to this prompt, 1 for a second one, and so on.

        Returns:
            The reply.

        Raises:
            ReplyError: when there is no answer to be had.
        """
        ...
