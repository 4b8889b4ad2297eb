"""People and departments: objects like any other, readable by everybody, written by administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel import clock
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Preset, Related, Section
from guanxi.schema.record import Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor


class DirectoryRules(ObjectRules):
    """Nobody is above themselves. That a change decides who may see what, :mod:`guanxi.access.kept` tells every process."""

    parent: ClassVar[str] = ""

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        if not self.parent or not any(draft.changed(self.parent) for draft in drafts):
            return
        model = drafts[0].kind.model
        above: dict[int, int | None] = dict(model.objects.values_list("pk", f"{self.parent}_id"))
        above.update({draft.record.pk: draft.get(self.parent) for draft in drafts if draft.record.pk})
        for draft in drafts:
            if draft.record.pk and _loops(draft.record.pk, above):
                draft.error(self.parent, _("This would make a circle. Choose one that is not below this one."))


def _loops(start: int, above: dict[int, int | None]) -> bool:
    seen = {start}
    step = above.get(start)
    while step is not None and step not in seen:
        seen.add(step)
        step = above.get(step)
    return step is not None


class DepartmentRules(DirectoryRules):
    """A department tree has no circles."""

    parent = "parent"


class PersonRules(DirectoryRules):
    """Nobody is, through others, their own superior."""

    parent = "manager"


class Department(Record):
    """A department 部门; departments form a tree."""

    name: Any = fields.text("Department", "部门名称", required=True, max_length=120)
    parent: Any = fields.lookup("Parent department", "上级部门", "department", "access.Department", index=True)
    head: Any = fields.lookup("Head", "负责人", "user", "access.User")
    position: Any = fields.integer("Order", "排序", default=0)

    class Meta:
        db_table = "access_department"

    class Declaration(ObjectDeclaration):
        key = "department"
        label, plural = Label("Department", "部门"), Label("Departments", "部门")
        icon = "sitemap"
        kind = "directory"
        area = "setup"
        order = 910
        list_columns = ("name", "parent", "head", "position")
        default_sort = "position"
        search = ("name",)
        sections = (Section(Label("Department", "部门"), ("name", "parent", "head", "position")),)
        related = (Related("user", "department", ("name", "job_title", "email")), Related("department", "parent"))
        rules = DepartmentRules
        default_access = "read"


class PersonManager(BaseUserManager["User"]):
    """People by user name, as Django's sign-in asks for them."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser, Record):
    """A person who signs in 人员."""

    username: Any = fields.text("User name", "用户名", required=True, max_length=120, unique=True)
    name: Any = fields.text("Name", "姓名", required=True, max_length=120)
    email: Any = fields.email("E-mail", "邮箱")
    phone: Any = fields.phone("Phone", "电话")
    job_title: Any = fields.text("Job title", "职务", max_length=120)
    department: Any = fields.lookup("Department", "部门", "department", "access.Department", index=True)
    manager: Any = fields.lookup("Superior", "上级", "user", "access.User", index=True)
    is_active: Any = fields.boolean("Active", "启用", default=True)
    is_superuser: Any = fields.boolean("Administrator", "管理员", default=False, hidden=True, read_only=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    preferences: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)
    roles: models.ManyToManyField[Any, Any] = models.ManyToManyField("access.Role", related_name="members", blank=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "access_user"
        constraints = [models.UniqueConstraint(fields=["username"], name="access_user_username")]

    class Declaration(ObjectDeclaration):
        key = "user"
        label, plural = Label("Person", "人员"), Label("People", "人员")
        icon = "users"
        kind = "directory"
        area = "setup"
        order = 900
        subtitle = "job_title"
        list_columns = ("name", "username", "job_title", "department", "manager", "email", "is_active")
        default_sort = "name"
        search = ("name", "username", "email")
        sections = (
            Section(Label("Person", "人员"), ("name", "username", "job_title", "email", "phone")),
            Section(Label("Place in the company", "组织"), ("department", "manager", "is_active")),
        )
        related = (Related("user", "manager", ("name", "job_title", "department"), Label("Reports", "下属")),)
        presets = (
            Preset("active", Label("Active", "在职"), "is_active:yes"),
            Preset("inactive", Label("Inactive", "已停用"), "is_active:no"),
        )
        rules = PersonRules
        default_access = "read"

    def __str__(self) -> str:
        return str(self.name)

    def set_password(self, raw_password: str | None) -> None:
        """Set the password and, with it, the day from which it grows old."""
        super().set_password(raw_password)
        self.password_changed_at = clock.now()
