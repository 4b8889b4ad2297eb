"""The subcommands, a file each: ``register`` adds the parser, ``run`` does the work and returns the exit status.

The files import Django only inside ``run``, so that ``guanxi --help`` and the supervisor stay light.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guanxi.project.commands import (
    audit,
    bench,
    check,
    createuser,
    data,
    database,
    emergency,
    journal,
    manage,
    prepare,
    processes,
    search,
    serve,
    translations,
)

REGISTER: tuple[Callable[[Any], None], ...] = (
    serve.register,
    processes.register,
    prepare.register,
    database.register,
    data.register,
    check.register,
    createuser.register,
    emergency.register,
    audit.register,
    journal.register,
    search.register,
    bench.register,
    translations.register,
    manage.register,
)
