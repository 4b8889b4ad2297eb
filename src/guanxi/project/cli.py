"""The command ``guanxi``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from guanxi import __version__
from guanxi.kernel.errors import GuanxiError
from guanxi.project.commands import REGISTER
from guanxi.project.config import ConfigError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; the result is the exit status: 0 done, 1 refused or failed, 2 wrong use or configuration."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
    arguments = parser().parse_args(argv)
    arguments.main = main
    try:
        return int(arguments.run(arguments))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except GuanxiError as error:
        print(error.message, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The parser with every subcommand."""
    result = argparse.ArgumentParser(prog="guanxi", description="Guanxi 关系, a CRM that a company runs itself.")
    result.add_argument("--version", action="version", version=f"guanxi {__version__}")
    commands = result.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for register in REGISTER:
        register(commands)
    return result


if __name__ == "__main__":
    sys.exit(main())
