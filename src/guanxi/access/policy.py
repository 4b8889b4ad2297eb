"""The company's security policy: signing in, where from, watermarks, approval of exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Policy:
    """Every rule with its default. ``compiled.current().policy`` is the one in force; 0 switches a limit off."""

    password_length: int = 10
    """Least number of characters."""
    password_classes: int = 2
    """How many of the four classes (lower case, upper case, digits, others) a password needs."""
    password_days: int = 0
    """After so many days a password must be changed."""
    password_history: int = 0
    """So many former passwords may not be used again."""
    lockout_tries: int = 8
    """After so many failures in a row a name is locked …"""
    lockout_minutes: int = 5
    """… for so many minutes."""
    idle_minutes: int = 0
    """After so many minutes without a request the session ends."""
    networks: tuple[str, ...] = ()
    """Networks people may come from; empty allows every address."""
    outbound_allowed: tuple[str, ...] = ()
    """``host:port`` that webhooks and other requests of ours may reach although they are not on the public Internet."""
    mfa_everybody: bool = False
    """Everybody needs a second factor; a role can ask for it alone."""
    watermark_screen: bool = False
    """Person and time across every page."""
    watermark_files: bool = True
    """Person and time in exported and printed files."""
    export_approval_above: int = 0
    """An export of more rows than this waits for approval."""


def read(values: Mapping[str, Any]) -> Policy:
    """The policy with these values over the defaults; unknown ones are left out."""
    known = {field.name for field in fields(Policy)}
    chosen: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items() if key in known
    }
    return Policy(**chosen)
