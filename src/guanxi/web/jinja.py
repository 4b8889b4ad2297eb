"""The Jinja2 environment: escaping on, translations through Django, and the few functions that templates call."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, StrictUndefined

from guanxi.web import addresses, reading
from guanxi.web.icons import icon, sort_icon, sort_name
from guanxi.web.widgets import form_text


def environment(**options: Any) -> Environment:
    """The environment of all templates."""
    options["autoescape"] = True
    options["undefined"] = StrictUndefined
    made = Environment(**options, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(
        static=static,
        icon=icon,
        sort_icon=sort_icon,
        sort_name=sort_name,
        record_url=addresses.record,
        notice_url=addresses.notice,
        list_url=addresses.listing,
        new_url=addresses.new,
        ago=reading.ago,
        exact=reading.exact,
        initial=reading.initial,
        hue=reading.hue,
        active_language=get_language,
        form_text=form_text,
    )
    return made
