"""A first mapping of a file: by the names of its columns in both languages, then by what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.access.actor import Actor
from guanxi.engine.importing import looks
from guanxi.engine.importing.fields import ID, offered
from guanxi.engine.importing.layout import NO_HEADER, Layout
from guanxi.engine.importing.mapping import BY_ID, ColumnPlan, ImportMapping
from guanxi.engine.importing.rows import Column, Sight
from guanxi.schema.definition import FieldDefinition, ObjectType

_NULLS = ("NULL", "\\N")
_USUAL: dict[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "mail", "email address", "邮箱", "电子邮箱", "电子邮件", "邮件", "邮箱地址"),
    "phone": ("phone", "telephone", "tel", "phone number", "电话", "电话号码", "联系电话", "座机", "固定电话", "固话"),
    "mobile": (
        "mobile",
        "mobile phone",
        "cell",
        "cell phone",
        "cellphone",
        "手机",
        "手机号",
        "手机号码",
        "移动电话",
        "联系方式",
    ),
    "url": ("website", "web site", "url", "homepage", "web", "网址", "网站", "官网", "主页", "公司网址"),
    "owner": (
        *(
            "owner",
            "responsible",
            "account owner",
            "contact owner",
            "sales rep",
            "salesperson",
            "sales agent",
            "assigned to",
        ),
        *("负责人", "归属人", "所有人", "业务员", "销售", "销售代表", "销售人员", "跟进人", "客户经理"),
    ),
    "tags": ("tags", "tag", "labels", "categories", "标签", "客户标签"),
    "external_id": ("external id", "externalid", "uid", "外部编号", "外部id", "原系统编号", "源id"),
    "address": ("address", "street address", "street", "地址", "详细地址", "联系地址", "公司地址", "通讯地址"),
    "notes": ("notes", "note", "remarks", "remark", "comment", "comments", "备注", "说明", "附注"),
    "description": ("notes", "note", "remarks", "remark", "comment", "comments", "备注", "说明", "描述", "简介"),
    "wechat": ("wechat", "wechat id", "weixin", "微信", "微信号"),
    "birthday": ("birthday", "birth date", "date of birth", "dob", "生日", "出生日期"),
    "job_title": ("job title", "title", "position", "职务", "职位", "头衔", "岗位"),
    "department": ("department", "dept", "部门", "所在部门"),
    "city": ("city", "town", "城市", "所在城市", "市"),
    "country": ("country", "nation", "国家", "国家地区"),
    "industry": ("industry", "sector", "行业", "所属行业"),
    "source": ("source", "lead source", "来源", "客户来源"),
    "amount": ("amount", "value", "deal value", "金额", "预计金额", "商机金额"),
    "employees": ("employees", "number of employees", "headcount", "员工数", "员工人数", "人数", "规模"),
    "price": ("price", "unit price", "list price", "价格", "单价", "标价"),
    "currency": ("currency", "币种", "货币"),
}
"""Names that columns usually have, by the key or the kind of the field they mean; objects add their own."""


def names_of(kind: ObjectType, field: FieldDefinition) -> list[str]:
    """What a column for the field may be called: as a label, as a key, by the object's own list, by usage."""
    own = kind.declaration.import_names.get(field.key, ())
    names = [field.key, *field.label.both(), *own, *_USUAL.get(field.key, ())]
    if field.kind.name in ("email", "url", "tags", "owner"):
        names += _USUAL[field.kind.name]
    return [looks.folded(name) for name in names]


def known_names(actor: Actor, kind: ObjectType) -> set[str]:
    """Every name of a column that means something to the object."""
    return {name for field in offered(actor, kind).values() for name in names_of(kind, field)} | {ID}


def suggest(actor: Actor, kind: ObjectType, layout: Layout, sight: Sight) -> ImportMapping:
    """A mapping to begin with; every decision in it can be changed."""
    fields = offered(actor, kind)
    chosen: dict[int, str] = {}
    if layout.header != NO_HEADER:
        _by_name(kind, fields, sight.columns, chosen)
    _by_content(fields, sight.columns, chosen)
    export = _is_export(kind, sight.columns)
    if export and sight.columns[0].look == "number":
        chosen[0] = ID
    plans = []
    for index, column in enumerate(sight.columns):
        by_id = _names_ids(kind, chosen.get(index, ""), column, export)
        plans.append(ColumnPlan(index, chosen.get(index, ""), by=BY_ID if by_id else "auto"))
    has_id, has_external = ID in chosen.values(), "external_id" in chosen.values()
    mode = "upsert" if has_id or has_external else "create"
    if mode == "upsert" and not (actor.can("create", kind.key) and actor.can("edit", kind.key)):
        mode = "create" if actor.can("create", kind.key) else "update"
    key = (ID if has_id else "external_id" if has_external else "") if mode != "create" else ""
    if mode == "create" and has_id:
        plans = [plan if plan.field != ID else ColumnPlan(plan.column) for plan in plans]
    words = {cell.strip() for row in sight.sample for cell in row if cell[:1] in "N\\ "}
    return ImportMapping(
        columns=tuple(plans),
        mode=mode,
        key=key,
        # Our own exports leave a cell empty; a word in it is a word.
        empty=() if export else tuple(word for word in _NULLS if word in words),
        unquote=layout.format == "csv",
    )


def _by_name(
    kind: ObjectType, fields: dict[str, FieldDefinition], columns: Sequence[Column], chosen: dict[int, str]
) -> None:
    """The exact names first, in the order of their weight: a label before what is only usual."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for field in fields.values():
        for rank, name in enumerate(dict.fromkeys(names_of(kind, field))):
            ranked.setdefault(name, []).append((rank, field.key))
    wishes = []
    for index, column in enumerate(columns):
        name = looks.folded(column.name)
        wishes += [(rank, index, key) for rank, key in ranked.get(name, ())]
        plain = looks.folded(column.name.rpartition("(")[2].rstrip(")")) if column.name.endswith(")") else ""
        if plain in fields:
            wishes.append((0, index, plain))
    for _rank, index, key in sorted(wishes):
        if index not in chosen and key not in chosen.values():
            chosen[index] = key


def _by_content(fields: dict[str, FieldDefinition], columns: Sequence[Column], chosen: dict[int, str]) -> None:
    """A column of mail addresses, telephone numbers or web addresses goes to the first field of that kind left."""
    kinds = {"mail": "email", "phone": "phone", "url": "url"}
    for index, column in enumerate(columns):
        if index in chosen or column.look not in kinds:
            continue
        left = [f.key for f in fields.values() if f.kind.name == kinds[column.look] and f.key not in chosen.values()]
        if left:
            chosen[index] = left[0]


def _is_export(kind: ObjectType, columns: Sequence[Column]) -> bool:
    """Whether the file looks like one of our own exports: Id first, and every other column a field of the object."""
    if len(columns) < 2 or columns[0].name not in ("Id", ID):
        return False
    own = {looks.folded(name) for field in kind.fields.values() for name in (field.key, *field.label.both())}
    others = [column.name for column in columns[1:] if column.name not in ("version", "title")]
    known = [name for name in others if looks.folded(name) in own or name.endswith(")")]
    return len(known) == len(others)


def _names_ids(kind: ObjectType, key: str, column: Column, export: bool) -> bool:
    """Whether the cells of a reference are numbers of records, as an export as data writes them."""
    field = kind.fields.get(key)
    if field is None or field.kind.family not in ("lookup", "links") or not column.examples:
        return False
    return export and all(part.strip().isdigit() for text in column.examples for part in text.split(","))
