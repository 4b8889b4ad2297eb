"""Rights, scopes and levels in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def rights_in_words() -> dict[str, str]:
    """Every operation right."""
    return {
        "read": _("See"),
        "create": _("Create"),
        "edit": _("Edit"),
        "delete": _("Delete"),
        "restore": _("Restore"),
        "assign": _("Assign"),
        "merge": _("Merge"),
        "import": _("Import"),
        "export": _("Export"),
        "print": _("Print"),
        "mass_update": _("Mass update"),
        "change_state": _("Change state"),
        "share": _("Share"),
        "administrate": _("Administrate"),
    }


def scopes_in_words() -> dict[str, str]:
    """How far a role reaches."""
    return {
        "own": _("Own"),
        "reports": _("Own and of people who report to me"),
        "department": _("My department"),
        "department_tree": _("My department and those below"),
        "all": _("All"),
    }


def levels_in_words() -> dict[str, str]:
    """What may be done with a field."""
    return {"hidden": _("Hidden"), "masked": _("Masked"), "read": _("Read only"), "write": _("Read and change")}


def masks_in_words() -> dict[str, str]:
    """Where a field is masked."""
    return {"none": _("Not masked"), "list": _("Masked in lists"), "all": _("Masked everywhere")}


def defaults_in_words() -> dict[str, str]:
    """What everybody with the right to an object may do with every record."""
    return {
        "private": _("Nothing beyond scopes and sharing"),
        "read": _("See every record"),
        "write": _("See and change every record"),
    }
