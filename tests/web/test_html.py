"""Small pieces of HTML escape whatever is put into them."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from guanxi.web.html import Html


def test_values_are_escaped_as_markup_itself_escapes_them() -> None:
    mine, theirs = Html('<a href="{}" title="{}">{}</a>'), Markup('<a href="{}" title="{}">{}</a>')
    for text in ("{}", "{0}", "%s", "<b>&amp;</b>", "'", "\u2028", "关系 😀", '" onclick="x', 7, Markup("<i>bold</i>")):
        assert mine(text, text, text) == theirs.format(text, text, text)


def test_as_many_values_as_places() -> None:
    with pytest.raises(ValueError, match="zip"):
        Html("<b>{}</b>{}")("one")
