"""Mails with notices, composed for their reader and handed to the mail server."""

from __future__ import annotations

import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import ngettext

from guanxi.engine.notifications import outbox
from guanxi.engine.notifications.outbox import Letter, NotSent, Refused
from guanxi.web import addresses

_NOT_DELIVERED = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)
_TRANSIENT = range(400, 500)


def send_due() -> int:
    """Send what waits; nothing without a mail server. How many mails went out."""
    return outbox.send_due(send) if settings.GUANXI.mail is not None else 0


def send(letter: Letter) -> None:
    """Hand one mail over. What is raised says whether it certainly did not go out."""
    with translation.override(letter.actor.language), timezone.override(letter.actor.zone):
        mail = compose(letter)
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
    try:
        mail.connection = connection
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if all(code in _TRANSIENT for code in codes):
            raise NotSent(str(error)) from error
        raise Refused(str(error)) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code in _TRANSIENT or isinstance(error, _NOT_DELIVERED):
            raise NotSent(str(error)) from error
        raise Refused(str(error)) from error
    finally:
        connection.close()


def compose(letter: Letter) -> EmailMultiAlternatives:
    """The mail in plain text and HTML, in the reader's language."""
    home = settings.GUANXI.address
    lines = [(notice.text, home + addresses.notice(notice)) for notice in letter.notices]
    choices = f"{home}/preferences#notices"
    more = letter.total - len(lines)
    context: dict[str, Any] = {
        "letter": letter,
        "lines": lines,
        "more": more,
        "home": home,
        "choices": choices,
        "all": f"{home}/notifications/all",
        "language": letter.actor.language,
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "guanxi"
    headers = {
        "Message-ID": f"<{letter.key.replace(':', '.')}@{domain}>",
        "List-Unsubscribe": f"<{choices}>",
        "Auto-Submitted": "auto-generated",
    }
    text = get_template("mail/notices.txt").render(context)
    mail = EmailMultiAlternatives(subject(letter), text, None, [letter.address], headers=headers)
    mail.attach_alternative(get_template("mail/notices.html").render(context), "text/html")
    return mail


def subject(letter: Letter) -> str:
    """One notice speaks for itself, several are counted."""
    if letter.total == 1:
        return " ".join(letter.notices[0].text.split())[:150]
    if letter.digest:
        said = ngettext(
            "Your day in Guanxi: %(count)d notification", "Your day in Guanxi: %(count)d notifications", letter.total
        )
    else:
        said = ngettext("%(count)d new notification in Guanxi", "%(count)d new notifications in Guanxi", letter.total)
    return said % {"count": letter.total}
