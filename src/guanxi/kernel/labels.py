"""Two-language labels for declarations."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Label:
    """A text in English and Chinese; ``str()`` gives the one of the active language."""

    en: str
    zh: str

    def text(self, language: str | None) -> str:
        """The text for a language code such as ``zh-hans`` or ``en``; English for any other."""
        return self.zh if (language or "").startswith("zh") else self.en

    def __str__(self) -> str:
        return self.text(get_language())

    def both(self) -> tuple[str, str]:
        """English and Chinese, for matching what a person typed in either."""
        return (self.en, self.zh)
