"""The `ocapi` command: the composition root of everything that runs from a shell."""

import os
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocapi.main.settings")
    from ocapi.main import commands

    return commands.run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
