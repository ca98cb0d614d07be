"""`python -m jaxcar` is the `jaxcar` command."""

import sys

from jaxcar.cli import main

if __name__ == "__main__":
    sys.exit(main())
