"""Every text has its Chinese translation, and the check would notice if one had not."""

from __future__ import annotations

from pathlib import Path

import pytest

from guanxi.project import translations


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one text in Python and one in a template."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "page.py").write_text('from django.utils.translation import gettext_lazy as _\nTITLE = _("Accounts")\n')
    (tmp_path / "templates" / "page.html").write_text("<p>{% trans %}Save{% endtrans %}</p>")
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    monkeypatch.setattr(translations, "PO", tmp_path / "locale" / "django.po")
    monkeypatch.setattr(translations, "MO", tmp_path / "locale" / "django.mo")
    return tmp_path


def test_from_texts_to_a_compiled_file(small: Path) -> None:
    assert translations.problems() == ["Not in the file: 'Accounts'", "Not in the file: 'Save'"]
    assert translations.update() == 2
    assert translations.problems() == ["Not translated: 'Accounts'", "Not translated: 'Save'"]
    text = translations.PO.read_text()
    assert "page.py" not in text and "Date" not in text
    text = text.replace('msgid "Accounts"\nmsgstr ""', 'msgid "Accounts"\nmsgstr "客户"')
    text = text.replace('msgid "Save"\nmsgstr ""', 'msgid "Save"\nmsgstr "保存"')
    translations.PO.write_text(text)
    assert translations.problems() == []
    assert translations.compile_if_older() and not translations.compile_if_older()
    assert translations.MO.stat().st_size > 0


def test_a_second_update_changes_nothing(small: Path) -> None:
    translations.update()
    first = translations.PO.read_text()
    translations.update()
    assert translations.PO.read_text() == first


def test_a_text_no_longer_used_is_noticed(small: Path) -> None:
    translations.update()
    (small / "page.py").write_text("")
    assert "No longer used: 'Accounts'" in translations.problems()


def test_the_texts_of_this_program_are_complete() -> None:
    assert translations.problems() == []
