"""What a browser calls itself, in few words."""

from __future__ import annotations

import re

from guanxi.access.models import AuditEvent, User
from guanxi.engine.notifications import notify
from guanxi.kernel.labels import Label

SIGN_INS = 200
"""So many of a person's last sign-ins are looked at."""

_BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("DingTalk/", "DingTalk"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """Browser and system, such as ``Chrome · Windows``; the beginning of the text where neither is known."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    found = " · ".join(filter(None, (browser, system)))
    return found or re.sub(r"[^\w./ -]", "", agent)[:40].strip() or "—"


def is_new(user: User, agent: str) -> bool:
    """Whether the person signs in from a browser or system not seen lately; never for the first sign-in of all."""
    signed_in = AuditEvent.objects.filter(event="signed_in", person_id=user.pk).order_by("-at")
    known = {device_of(one) for one in signed_in.values_list("agent", flat=True)[:SIGN_INS]}
    return bool(known) and device_of(agent) not in known


def tell(user: User, agent: str) -> None:
    """Tell the person that somebody signed in as them on a device that is new."""
    device = device_of(agent)
    text = Label(
        f"You signed in on a new device: {device}. If that was not you, change your password and end the session.",
        f"您在新设备上登录：{device}。如非本人操作，请修改密码并结束该会话。",
    )
    notify([user.pk], text, kind="device")
