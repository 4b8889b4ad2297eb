"""Identity provider 身份源: an OpenID Connect server or an LDAP directory that people sign in through."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language

from guanxi.access.models import User
from guanxi.engine.identity.provider_rules import ProviderRules
from guanxi.engine.identity.trying import try_out
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import Action, ObjectDeclaration, Section
from guanxi.schema.fields import option
from guanxi.schema.record import Record

KINDS = (option("oidc", "OpenID Connect", "OpenID Connect", "blue"), option("ldap", "LDAP", "LDAP", "purple"))


class IdentityProvider(Record):
    """One source of identities. Its secrets are encrypted and never shown again."""

    name: Any = fields.text("Name", "名称", required=True, max_length=80, help=(
        "As it appears on the sign-in page.", "显示在登录页上的名称。"))  # fmt: skip
    name_en: Any = fields.text("English name", "英文名称", max_length=80)
    kind: Any = fields.select("Kind", "类型", KINDS, required=True, default="oidc")
    is_active: Any = fields.boolean("Active", "启用", default=True)
    position: Any = fields.integer("Order", "排序", default=0)

    issuer: Any = fields.url("Issuer", "颁发者地址", help=(
        "Address of the server, such as https://login.example.com/realms/company.",
        "服务器地址，例如 https://login.example.com/realms/company。"))  # fmt: skip
    client_id: Any = fields.text("Client id", "客户端 ID", max_length=190)
    client_secret: Any = fields.encrypted("Client secret", "客户端密钥", help=(
        "Never shown again; leave empty to keep it.", "保存后不再显示；留空表示不修改。"))  # fmt: skip
    scopes: Any = fields.text("Scopes", "授权范围", default="openid profile email")
    username_claim: Any = fields.text("Claim: user name", "声明：用户名", max_length=80, default="preferred_username")
    name_claim: Any = fields.text("Claim: name", "声明：姓名", max_length=80, default="name")
    mail_claim: Any = fields.text("Claim: mail", "声明：邮箱", max_length=80, default="email", help=(
        "“email” alone can be verified, by the claim email_verified.",
        "只有“email”可通过 email_verified 声明得到验证。"))  # fmt: skip
    department_claim: Any = fields.text("Claim: department", "声明：部门", max_length=80, default="department")
    groups_claim: Any = fields.text("Claim: groups", "声明：组", max_length=80, default="groups", help=(
        "A dot reaches into a claim: realm_access.roles.", "用点号进入嵌套声明：realm_access.roles。"))  # fmt: skip

    server_url: Any = fields.text("Server", "服务器", max_length=300, help=(
        "ldaps://ldap.example.com, or ldap:// with StartTLS.",
        "ldaps://ldap.example.com，或 ldap:// 配合 StartTLS。"))  # fmt: skip
    start_tls: Any = fields.boolean("StartTLS", "StartTLS 加密", default=False)
    ca_certificate: Any = fields.long_text("CA certificate", "CA 证书", max_length=20_000, help=(
        "PEM text, or the path of a PEM file on the server; empty trusts the system's authorities.",
        "PEM 文本或服务器上 PEM 文件的路径；留空则信任系统证书。"))  # fmt: skip
    bind_dn: Any = fields.text("Search account (DN)", "查询账号（DN）", max_length=500)
    bind_password: Any = fields.encrypted("Password of the search account", "查询账号密码", help=(
        "Never shown again; leave empty to keep it.", "保存后不再显示；留空表示不修改。"))  # fmt: skip
    base_dn: Any = fields.text("Base DN of people", "人员的基准 DN", max_length=500)
    user_filter: Any = fields.text("Filter for people", "人员过滤条件", max_length=500, default="(uid={username})", help=(
        "{username} stands for what was typed. Active Directory: (sAMAccountName={username}).",
        "{username} 代表所输入的用户名。Active Directory：(sAMAccountName={username})。"))  # fmt: skip
    subject_attribute: Any = fields.text(
        "Attribute: permanent id", "属性：永久标识", max_length=80, default="entryUUID",
        help=("Never reused for another person. Active Directory: objectGUID.",
              "不会分配给他人的标识。Active Directory：objectGUID。"))  # fmt: skip
    username_attribute: Any = fields.text("Attribute: user name", "属性：用户名", max_length=80, default="uid")
    name_attribute: Any = fields.text("Attribute: name", "属性：姓名", max_length=80, default="cn")
    mail_attribute: Any = fields.text("Attribute: mail", "属性：邮箱", max_length=80, default="mail")
    phone_attribute: Any = fields.text("Attribute: phone", "属性：电话", max_length=80, default="telephoneNumber")
    department_attribute: Any = fields.text("Attribute: department", "属性：部门", max_length=80, default="ou")
    groups_attribute: Any = fields.text("Attribute: groups", "属性：组", max_length=80, default="memberOf")
    group_base_dn: Any = fields.text("Base DN of groups", "组的基准 DN", max_length=500, help=(
        "Set it where people do not carry their groups: groups are then searched here.",
        "人员条目上没有组属性时填写，系统将在此处查找组。"))  # fmt: skip
    group_filter: Any = fields.text("Filter for groups", "组过滤条件", max_length=500, default="(member={dn})", help=(
        "{dn} stands for the person's entry, {username} for the user name.",
        "{dn} 代表人员条目，{username} 代表用户名。"))  # fmt: skip

    create_people: Any = fields.boolean("Create missing people", "自动创建人员", default=True, help=(
        "Otherwise only people who are already here may sign in.", "否则只有系统中已有的人员可以登录。"))  # fmt: skip
    default_role: Any = fields.lookup("Role for everybody", "默认角色", "role", "access.Role")
    group_roles: Any = fields.long_text("Roles by group", "按组分配角色", max_length=10_000, help=(
        "One per line: group → role. Groups that are not named give nothing.",
        "每行一条：组 → 角色。未列出的组不授予任何角色。"))  # fmt: skip
    department_names: Any = fields.long_text("Departments", "部门对应", max_length=10_000, help=(
        "One per line: value → department. A value that is itself the name of a department needs no line.",
        "每行一条：值 → 部门名称。值与部门名称相同时无需填写。"))  # fmt: skip
    renew: Any = fields.boolean("Renew at every sign-in", "每次登录时更新", default=True, help=(
        "Roles and department follow the provider; those given here by hand are replaced.",
        "角色和部门以身份源为准，手工授予的角色会被替换。"))  # fmt: skip
    may_link_administrators: Any = fields.boolean(
        "May vouch for administrators", "可关联管理员", default=False,
        help=("Lets a verified mail address open an administrator's account. Only for a provider of your own.",
              "允许通过已验证的邮箱登录管理员账号。仅限自有的身份源。"))  # fmt: skip

    class Meta:
        db_table = "engine_identityprovider"

    class Declaration(ObjectDeclaration):
        key = "identity_provider"
        label, plural = Label("Identity provider", "身份源"), Label("Identity providers", "身份源")
        icon = "fingerprint"
        kind = "setup"
        restricted = True
        area, order = "setup", 940
        title_en = "name_en"
        list_columns = ("name", "kind", "is_active", "position", "create_people", "renew")
        default_sort = "position"
        search = ("name", "name_en")
        sections = (
            Section(Label("Identity provider", "身份源"), ("name", "name_en", "kind", "is_active", "position")),
            Section(
                Label("OpenID Connect", "OpenID Connect"),
                (
                    *("issuer", "client_id", "client_secret", "scopes", "username_claim", "name_claim"),
                    *("mail_claim", "department_claim", "groups_claim"),
                ),
            ),
            Section(
                Label("LDAP directory", "LDAP 目录"),
                (
                    *("server_url", "start_tls", "ca_certificate", "bind_dn", "bind_password", "base_dn"),
                    *("user_filter", "subject_attribute", "username_attribute", "name_attribute", "mail_attribute"),
                    *("phone_attribute", "department_attribute", "groups_attribute"),
                    *("group_base_dn", "group_filter"),
                ),
            ),
            Section(
                Label("People who sign in", "登录的人员"),
                (
                    *("create_people", "renew", "may_link_administrators", "default_role"),
                    *("group_roles", "department_names"),
                ),
            ),
        )
        quick = ("name", "kind")
        actions = (
            Action("try", Label("Test connection", "测试连接"), "plug", try_out, right="administrate", primary=True),
        )
        rules = ProviderRules
        default_access = "read"

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return str(self.name if (get_language() or "").startswith("zh") else self.name_en or self.name)

    def secret(self, key: str) -> str:
        """The decrypted value of an encrypted field; empty when there is none."""
        spec = getattr(type(self)._meta.get_field(key), fields.SPEC_ATTRIBUTE)
        return spec.kind.value(getattr(self, key)) or ""


class IdentityLink(models.Model):
    """Who, among our people, a subject of a provider is. Written at the first sign-in, and for good."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.PROTECT, related_name="links")
    subject = models.CharField(max_length=255)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="engine_identitylink_subject"),
            models.UniqueConstraint(fields=["provider", "person"], name="engine_identitylink_person"),
        ]
