"""Passwords: what the company's policy asks of them, and the one way to set them."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.access import compiled
from guanxi.access.people import User
from guanxi.access.policy import Policy
from guanxi.access.signin import FormerPassword
from guanxi.kernel import clock, db

KEPT = 24
"""So many former passwords are kept at most."""


class PolicyValidator:
    """Django's password validator for length, classes of characters and former passwords, as the policy in force says."""

    def validate(self, password: str, user: Any = None) -> None:
        policy = compiled.current().policy
        wrong = [*_length(password, policy), *_classes(password, policy)]
        if not wrong and isinstance(user, User) and _used_before(password, user, policy):
            wrong.append(_("You have used this password before. Choose a new one."))
        if wrong:
            raise ValidationError(wrong)

    def get_help_text(self) -> str:
        return rules(compiled.current().policy)


def rules(policy: Policy) -> str:
    """The policy's demands in one or two sentences."""
    told = [_("At least %(length)d characters.") % {"length": policy.password_length}]
    if policy.password_classes > 1:
        told.append(
            _("At least %(number)d of these: lower case, upper case, digits, other characters.")
            % {"number": min(policy.password_classes, 4)}
        )
    return " ".join(told)


def set_password(user: User, password: str) -> None:
    """Give a person this password and keep the former one where it may not come back. Validate it first."""
    with db.atomic():
        if user.pk and user.password and user.has_usable_password():
            FormerPassword.objects.create(user=user, password=user.password, replaced_at=clock.now())
            kept = FormerPassword.objects.filter(user=user).order_by("-id").values_list("pk", flat=True)[:KEPT]
            FormerPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
        user.set_password(password)
        if user.pk:
            user.save(update_fields=["password", "password_changed_at"])


def expired(user: User, policy: Policy) -> bool:
    """Whether the person must choose a new password before going on."""
    if not policy.password_days or not user.has_usable_password():
        return False
    since = user.password_changed_at or user.created_at
    return since is None or clock.now() - since > timedelta(days=policy.password_days)


def _length(password: str, policy: Policy) -> list[str]:
    if len(password) >= policy.password_length:
        return []
    sentence = ngettext(
        "The password is too short: it needs at least %(length)d character.",
        "The password is too short: it needs at least %(length)d characters.",
        policy.password_length,
    )
    return [sentence % {"length": policy.password_length}]


def _classes(password: str, policy: Policy) -> list[str]:
    wanted = min(policy.password_classes, 4)
    if len({_class_of(character) for character in password}) >= wanted:
        return []
    sentence = _("The password needs at least %(number)d of these: lower case, upper case, digits, other characters.")
    return [sentence % {"number": wanted}]


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    return {"Ll": "lower", "Lu": "upper", "Nd": "digit"}.get(category, "other")


def _used_before(password: str, user: User, policy: Policy) -> bool:
    if not policy.password_history or not user.pk:
        return False
    former = FormerPassword.objects.filter(user=user).order_by("-id").values_list("password", flat=True)
    kept = [user.password, *former[: policy.password_history - 1]] if user.has_usable_password() else list(former)
    return any(check_password(password, known) for known in kept[: policy.password_history])
