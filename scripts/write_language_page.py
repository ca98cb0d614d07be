"""Write docs/language.md from the rules of the reward language."""

from __future__ import annotations

import pathlib

from jaxcar.lang.page import language_page

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "language.md"


def main() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(language_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
