"""``guanxi createuser``: makes a person who can sign in."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from guanxi.project.config import ConfigError


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("createuser", help="make a person who can sign in")
    parser.add_argument("--username", required=True, help="the name to sign in with")
    parser.add_argument("--name", default="", help="the name as people see it")
    parser.add_argument("--email", default="")
    parser.add_argument("--admin", action="store_true", help="may do everything")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask for the password, check it, and make the person."""
    from guanxi.project import django_start

    django_start.start()
    django_start.require_database()
    if pending := django_start.pending_migrations():
        raise ConfigError(f"The database is not up to date ({len(pending)} steps are missing); run guanxi migrate.")
    from django.utils import translation

    with translation.override("en"):
        person = _make(arguments)
    print(f"{person} can sign in now.")
    return 0


def _make(arguments: argparse.Namespace) -> str:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from guanxi.access import passwords
    from guanxi.access.models import User
    from guanxi.kernel import db

    person = User(username=arguments.username, name=arguments.name or arguments.username, email=arguments.email)
    person.is_superuser = arguments.admin
    try:
        person.full_clean(exclude=["password"])
        password = sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else _ask()
        validate_password(password, person)
    except ValidationError as error:
        raise ConfigError(" ".join(_sentences(error))) from error
    with db.atomic():
        passwords.set_password(person, password)
        person.save()
    return str(person.username)


def _ask() -> str:
    if not sys.stdin.isatty():
        raise ConfigError("There is no terminal to ask for the password; use --password-stdin.")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise ConfigError("The two passwords differ.")
    return password


def _sentences(error: Any) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{field}: {text}" for field, texts in error.message_dict.items() for text in texts]
    return list(error.messages)
