"""Where mails are handed in, and which proxies are believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from guanxi.project.config import ConfigError, load


def settings(tmp_path: Path, **environ: str) -> dict[str, str]:
    return {"GUANXI_DATA_DIR": str(tmp_path), **environ}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", "")),
        ("smtp://me:p%40ss@mail.example.com/?tls=1", ("mail.example.com", 587, "me", "p@ss", "starttls")),
        ("smtps://me:x@mail.example.com:4465", ("mail.example.com", 4465, "me", "x", "ssl")),
    ],
)
def test_mail_servers(tmp_path: Path, url: str, expected: tuple[object, ...]) -> None:
    mail = load(settings(tmp_path, GUANXI_MAIL_URL=url, GUANXI_MAIL_FROM="crm@example.com"), tmp_path).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.user, mail.password, mail.tls) == expected
    assert mail.settings()["DEFAULT_FROM_EMAIL"] == "crm@example.com"


@pytest.mark.parametrize("url", ["mail.example.com", "http://x", "smtp://", "smtp://x:port", "smtp://me:geheim@x/path"])
def test_a_wrong_address_is_told_without_the_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="GUANXI_MAIL_URL") as told:
        load(settings(tmp_path, GUANXI_MAIL_URL=url, GUANXI_MAIL_FROM="crm@example.com"), tmp_path)
    assert "geheim" not in str(told.value)


def test_a_sender_is_needed_and_no_mail_is_fine(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GUANXI_MAIL_FROM"):
        load(settings(tmp_path, GUANXI_MAIL_URL="smtp://x"), tmp_path)
    assert load(settings(tmp_path), tmp_path).mail is None


def test_trusted_proxies(tmp_path: Path) -> None:
    found = load(settings(tmp_path, GUANXI_TRUSTED_PROXIES="10.0.0.0/8, ::1"), tmp_path)
    assert found.trusted_proxies == ("10.0.0.0/8", "::1")
    with pytest.raises(ConfigError, match="GUANXI_TRUSTED_PROXIES"):
        load(settings(tmp_path, GUANXI_TRUSTED_PROXIES="10.0.0.0/8, proxy"), tmp_path)
