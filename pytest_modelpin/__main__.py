"""`python -m pytest_modelpin` and the console script, which are the same."""

import sys


def main() -> int:
    """Run the command line; Ctrl-C ends it with a sentence also while it is loaded."""
    try:
        from pytest_modelpin.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; nothing is half-written\n")
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
