"""Draw the README's picture of a report: the top of the page, by headless Chromium.

Use: `python scripts/draw_report.py runs/doorkey/report.html docs/report.png`.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import subprocess
import tempfile

from PIL import Image

WIDTH, HEIGHT = 1100, 1740


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("picture", type=pathlib.Path)
    options = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        parser.error("chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        shot = pathlib.Path(folder) / "shot.png"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        flags += ["--no-first-run", "--disable-background-networking", "--disable-sync"]
        flags += [f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{HEIGHT}"]
        page = options.report.resolve().as_uri()
        command = [browser, *flags, f"--screenshot={shot}", page]
        subprocess.run(command, check=True, timeout=120, stderr=subprocess.DEVNULL)
        with Image.open(shot) as picture:
            small = picture.convert("RGB").resize((WIDTH * 3 // 4, HEIGHT * 3 // 4), Image.LANCZOS)
            options.picture.parent.mkdir(parents=True, exist_ok=True)
            small.save(options.picture, optimize=True)


if __name__ == "__main__":
    main()
