"""A wrong setting is one clear sentence that names the setting and its value."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from guanxi.project.config import Config, ConfigError, load
from guanxi.project.database_url import DatabaseUrlError, database_settings, describe


def load_in(folder: Path, **environ: str) -> Config:
    return load(environ, folder)


def test_defaults(tmp_path: Path) -> None:
    config = load_in(tmp_path)
    assert config.data_dir == tmp_path / "var"
    assert (config.host, config.port, config.live_port) == ("127.0.0.1", 8000, 8001)
    assert (config.language, config.time_zone, config.currency) == ("zh-hans", "Asia/Shanghai", "CNY")
    assert config.databases["default"]["NAME"] == str(tmp_path / "var" / "guanxi.sqlite3")
    assert config.address == "http://localhost:8000"
    assert not config.secure and not config.debug


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("GUANXI_PORT", "abc", "must be a whole number from 1 to 65535"),
        ("GUANXI_PORT", "70000", "must be a whole number from 1 to 65535"),
        ("GUANXI_PORT", "65535", "leaves no port above it"),
        ("GUANXI_LIVE_PORT", "8000", "must differ from GUANXI_PORT"),
        ("GUANXI_WORKERS", "0", "must be a whole number from 1 to 64"),
        ("GUANXI_DEBUG", "perhaps", "must be true or false"),
        ("GUANXI_LANGUAGE", "fr", "must be one of zh-hans, en"),
        ("GUANXI_TIME_ZONE", "Mars/Olympus", "is not a known time zone"),
        ("GUANXI_CURRENCY", "ABC", "is not a known currency code"),
        ("GUANXI_BASE_URL", "crm.example.com", "must look like https://"),
        ("GUANXI_BASE_URL", "https://crm.example.com/crm", "with nothing after the host"),
        ("REDIS_URL", "http://localhost", "must start with redis://"),
        ("DATABASE_URL", "mysql://localhost/x", "must start with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "postgresql://localhost", "must end with the name of the database"),
        ("DATABASE_URL", "postgresql://localhost:port/x", "is not a readable address"),
        ("DATABASE_URL", "sqlite://", "must name a file"),
        ("GUANXI_REPLICA_URL", "postgresql://localhost/x", "must be a PostgreSQL that follows the PostgreSQL"),
        ("GUANXI_REPLICA_URL", "mysql://localhost/x", "must start with sqlite:/// or postgresql://"),
        ("GUANXI_SECRET_KEY", "short", "must have at least 32 characters"),
        ("GUANXI_CONFIG", "absent.toml", "there is no such file"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, variable: str, value: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_in(tmp_path, **{variable: value})
    message = str(caught.value)
    assert message.startswith(variable) and expected in message
    assert message.endswith(".") and "\n" not in message


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    for variable, value in (("DATABASE_URL", "mysql://li:hunter2@localhost/x"), ("GUANXI_SECRET_KEY", "hunter2")):
        with pytest.raises(ConfigError) as caught:
            load_in(tmp_path, **{variable: value})
        assert "hunter2" not in str(caught.value)


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "guanxi.toml").write_text('port = 9000\nlanguage = "en"\nallowed_hosts = ["a.example", "b.example"]\n')
    config = load_in(tmp_path, GUANXI_LANGUAGE="zh-hans")
    assert (config.port, config.live_port, config.language) == (9000, 9001, "zh-hans")
    assert config.allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("prot = 9000", "unknown setting 'prot'"),
        ("port = ", "is not a readable TOML file"),
        ("port = 1.5", "it must be a text, a number, or true or false"),
        ("port = 0", "port in "),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "guanxi.toml").write_text(content)
    with pytest.raises(ConfigError, match=expected) as caught:
        load_in(tmp_path)
    assert str(tmp_path / "guanxi.toml") in str(caught.value)


def test_the_file_in_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "guanxi.toml").write_text('currency = "eur"')
    assert load_in(tmp_path, GUANXI_DATA_DIR="data").currency == "EUR"


def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"GUANXI_DATA_DIR is .* cannot be made as a directory"):
        load_in(tmp_path, GUANXI_DATA_DIR="file/data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(ConfigError, match="cannot be written to"):
        load_in(tmp_path, GUANXI_DATA_DIR="data")


def test_the_secret_key_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = load_in(tmp_path).secret_key
    path = tmp_path / "var" / "secret-key"
    assert len(first) >= 48 and load_in(tmp_path).secret_key == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [name.name for name in path.parent.iterdir()] == ["secret-key"]
    path.write_text("short")
    with pytest.raises(ConfigError, match="too short"):
        load_in(tmp_path)


def test_https_makes_cookies_secure(tmp_path: Path) -> None:
    config = load_in(tmp_path, GUANXI_BASE_URL="https://crm.example.com/", GUANXI_HOST="0.0.0.0")
    assert config.secure and config.address == "https://crm.example.com"
    assert "crm.example.com" in config.allowed_hosts and "0.0.0.0" not in config.allowed_hosts


def test_database_addresses(tmp_path: Path) -> None:
    settings = database_settings("postgresql://li:p%40ss@db.example:5433/crm?sslmode=require", tmp_path)
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"]) == ("li", "p@ss", "db.example")
    assert (settings["PORT"], settings["NAME"], settings["OPTIONS"]["sslmode"]) == ("5433", "crm", "require")
    assert describe("postgresql://li:secret@db/crm", tmp_path) == "PostgreSQL crm at db:5432"
    assert database_settings("sqlite:////srv/crm.sqlite3", tmp_path)["NAME"] == "/srv/crm.sqlite3"
    with pytest.raises(DatabaseUrlError):
        database_settings("oracle://x/y", tmp_path)


def test_redis_without_what_it_needs_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_in(tmp_path, REDIS_URL="redis://localhost/0").redis_url == "redis://localhost/0"
    monkeypatch.setattr("guanxi.project.config.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"run pip install guanxi\[redis\]"):
        load_in(tmp_path, REDIS_URL="redis://:secret@localhost/0")
