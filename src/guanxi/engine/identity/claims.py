"""What a provider says of a person, after its word has been verified."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claims:
    """One person as a provider knows them. ``subject`` names them for good within the provider."""

    subject: str
    username: str
    name: str = ""
    mail: str = ""
    mail_verified: bool = False
    phone: str = ""
    department: str = ""
    groups: tuple[str, ...] = ()
