"""`python -m pytest_modelpin`, the same as the console script."""

import sys

from pytest_modelpin.cli import main

if __name__ == "__main__":
    sys.exit(main())
