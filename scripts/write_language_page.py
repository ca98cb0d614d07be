"""Write docs/language.md and docs/codes.md from the rules, codes and examples of the language."""

from __future__ import annotations

import pathlib

import jax

from jaxcar.errors import RefusedProgram
from jaxcar.lang.codes_page import codes_page
from jaxcar.lang.diagnostic import Diagnostic
from jaxcar.lang.examples import EXAMPLES, Example
from jaxcar.lang.examples.example import FRAME
from jaxcar.lang.page import language_page
from jaxcar.program import RewardProgram, check, compile_reward

DOCS = pathlib.Path(__file__).parents[1] / "docs"


def compiled(text: str, example: Example) -> RewardProgram:
    """Compile one of the programs of an example as the example says; raise where it is refused."""
    return compile_reward(text, entry=example.entry, limits=example.limits, **given(example))


def diagnosed(text: str, example: Example) -> list[Diagnostic]:
    """Return what is said of one of the programs of an example: errors, or else warnings."""
    try:
        compiled(text, example)
    except RefusedProgram as refused:
        return list(refused.diagnostics)
    return check(text, entry=example.entry, **given(example))


def given(example: Example) -> dict:
    """Return the arguments that declare what an example's programs may look at."""
    if example.inputs is None:
        return {"frame": FRAME}
    shapes = {name: jax.ShapeDtypeStruct(*each) for name, each in example.inputs.items()}
    return {"inputs": shapes}


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    first = {code: diagnosed(x.bad, x)[0].render() for code, x in EXAMPLES.items()}
    return {"language.md": language_page(), "codes.md": codes_page(first)}


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
