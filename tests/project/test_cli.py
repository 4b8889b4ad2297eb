"""The command ``guanxi``, run as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from guanxi import __version__
from guanxi.project.cli import main, parser

pytestmark = pytest.mark.once
COMMANDS = (
    "serve",
    "web",
    "worker",
    "live",
    "prepare",
    "collect",
    "migrate",
    "demo",
    "import",
    "check",
    "createuser",
    "bench",
    "translations",
    "manage",
)


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of its own, with nothing in it."""
    for name in ("GUANXI_CONFIG", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUANXI_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def guanxi(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guanxi.project.cli", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)


def test_help_names_every_command() -> None:
    text = parser().format_help()
    assert all(f"    {name}" in text for name in COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("bench", "manage")])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage: guanxi" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"guanxi {__version__}\n"


def test_help_does_not_load_django() -> None:
    code = "import sys; from guanxi.project.cli import parser; parser(); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("migrate",),
        ("serve",),
        ("web",),
        ("worker",),
        ("live",),
        ("prepare",),
        ("demo", "load"),
        ("manage",),
    ],
)
def test_a_wrong_setting_ends_every_command_with_status_2(
    clean: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GUANXI_PORT", "many")
    result = guanxi(*arguments)
    assert result.returncode == 2
    assert result.stderr == "GUANXI_PORT is 'many', but it must be a whole number from 1 to 65535.\n"


def test_a_database_that_cannot_be_reached_is_one_sentence(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://li:hunter2@127.0.0.1:1/crm")
    result = guanxi("check")
    assert result.returncode == 2
    assert result.stderr.startswith("The database cannot be reached (PostgreSQL crm at 127.0.0.1:1): ")
    assert result.stderr.count("\n") == 1 and "hunter2" not in result.stderr


def test_from_nothing_to_a_person_who_can_sign_in(clean: Path) -> None:
    before = guanxi("check")
    assert before.returncode == 1
    assert "run guanxi migrate" in before.stderr
    early = guanxi("createuser", "--username", "li", "--password-stdin", text="a long enough one\n")
    assert early.returncode == 2 and "run guanxi migrate" in early.stderr
    assert guanxi("migrate").stdout.startswith("Database brought up to date")
    assert guanxi("migrate").stdout == "Database up to date.\n"
    made = guanxi(
        "createuser", "--username", "li", "--name", "李娜", "--admin", "--password-stdin", text="a long enough one\n"
    )
    assert (made.returncode, made.stdout) == (0, "li can sign in now.\n")
    again = guanxi("createuser", "--username", "li", "--password-stdin", text="a long enough one\n")
    assert again.returncode == 2 and "username" in again.stderr and "Traceback" not in again.stderr


def test_a_weak_password_is_refused_in_words(clean: Path) -> None:
    assert guanxi("migrate").returncode == 0
    result = guanxi("createuser", "--username", "li", "--password-stdin", text="12345\n")
    assert result.returncode == 2
    assert "too short" in result.stderr and "Traceback" not in result.stderr


def test_import_of_a_folder_that_is_not_there(clean: Path) -> None:
    assert guanxi("migrate").returncode == 0
    result = guanxi("import", str(clean / "nothing"))
    assert (result.returncode, result.stderr) == (2, f"There is no folder {clean / 'nothing'}.\n")
