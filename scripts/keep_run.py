"""Keep a run's figures with the machine that made them: summary.json and machine.json in one file.

Use: `python scripts/keep_run.py runs/doorkey benchmarks/results/demo_doorkey.json`.
"""

from __future__ import annotations

import argparse
import json
import pathlib


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    kept = {name: json.loads((options.run / f"{name}.json").read_text()) for name in NAMES}
    options.out.write_text(json.dumps(kept, indent=1) + "\n")


NAMES = ("machine", "summary")

if __name__ == "__main__":
    main()
