"""Where mails are handed in: ``GUANXI_MAIL_URL`` and ``GUANXI_MAIL_FROM``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from guanxi.project.config_sources import Sources

_FORM = "must look like smtp://user:password@mail.example.com:587/?tls=1, or smtps://… for encryption from the start"
SECONDS = 20


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server and the sender of what goes through it."""

    host: str
    port: int
    user: str
    password: str
    tls: str
    """``starttls``, ``ssl`` or empty."""
    sender: str

    def settings(self) -> dict[str, Any]:
        """Django's settings of mail."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": self.host,
            "EMAIL_PORT": self.port,
            "EMAIL_HOST_USER": self.user,
            "EMAIL_HOST_PASSWORD": self.password,
            "EMAIL_USE_TLS": self.tls == "starttls",
            "EMAIL_USE_SSL": self.tls == "ssl",
            "EMAIL_TIMEOUT": SECONDS,
            "DEFAULT_FROM_EMAIL": self.sender,
            "SERVER_EMAIL": self.sender,
        }


def mail_server(sources: Sources) -> MailServer | None:
    """The mail server, or ``None`` where none is set."""
    url, sender = sources.text("mail_url", ""), sources.text("mail_from", "")
    if not url:
        return None
    shown = re.sub(r"(//[^:/@]*):[^@]*@", r"\1:***@", url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise sources.error("mail_url", _FORM, shown=shown) from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise sources.error("mail_url", _FORM, shown=shown)
    if "@" not in parseaddr(sender)[1]:
        raise sources.error("mail_from", "must be the mail address that mails come from, such as crm@example.com")
    starttls = parse_qs(parts.query).get("tls", ["0"])[-1].lower() in ("1", "true", "yes", "on")
    tls = "ssl" if parts.scheme == "smtps" else "starttls" if starttls else ""
    return MailServer(
        host=parts.hostname,
        port=port or {"ssl": 465, "starttls": 587}.get(tls, 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        sender=sender,
    )
