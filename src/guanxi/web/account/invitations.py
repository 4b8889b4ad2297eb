"""The link by which an invited person sets the first password."""

from __future__ import annotations

from guanxi.access.models import User
from guanxi.web.account import links

DAYS = links.INVITATION.seconds // 86400


def link_for(user: User) -> str:
    """The path of the person's invitation; put the program's address before it. It works once, for :data:`DAYS` days."""
    return f"/signin/invited/{links.token(user, links.INVITATION)}"
