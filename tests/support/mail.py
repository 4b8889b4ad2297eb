"""A real mail server on loopback that keeps what it is given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from guanxi.project.mail_url import MailServer


class Post:
    """A mail server that keeps what it is given, and refuses when told to."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.refuse = ""
        self.lock = threading.Lock()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        with self.lock:
            self.received.append((envelope.rcpt_tos[0], message))
        return "250 OK"


@contextmanager
def mail_server(settings: Any) -> Iterator[Post]:
    """A mail server on a free port, and the program told of it."""
    kept = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    use(settings, port)
    try:
        yield kept
    finally:
        controller.stop()


def use(settings: Any, port: int) -> None:
    """Tell the program of a mail server on this port."""
    server = MailServer("127.0.0.1", port, "", "", "", "Guanxi <crm@example.com>")
    settings.GUANXI = replace(settings.GUANXI, mail=server)
    for name, value in server.settings().items():
        setattr(settings, name, value)
