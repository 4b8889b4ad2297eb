"""The kinds of notices, and the ways they can reach a person."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.kernel.labels import Label

APP, MAIL, DIGEST = "app", "mail", "digest"
CHANNELS = (APP, MAIL, DIGEST)
"""In the program; by mail at once; in the daily mail. None of them: off."""


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice."""

    key: str
    label: Label
    channels: tuple[str, ...]
    """Where it goes unless the person chose otherwise."""
    about_record: bool = True
    """Whether it tells about a record, and so only to whom the record is open at that moment."""


_KINDS = (
    NoticeKind("assigned", Label("A record becomes mine", "记录分配给我"), (APP, DIGEST)),
    NoticeKind("shared", Label("A record is shared with me", "有人与我共享记录"), (APP, DIGEST)),
    NoticeKind("reminder", Label("A reminder I set falls due", "我设置的提醒到期"), (APP,)),
    NoticeKind("own_changed", Label("Others change a record of mine", "他人修改了我负责的记录"), (APP, DIGEST)),
    NoticeKind("followed_changed", Label("Others change a record I follow", "他人修改了我关注的记录"), (APP, DIGEST)),
    NoticeKind("job", Label("A job I started is done", "我发起的任务已完成"), (APP,), about_record=False),
    NoticeKind(
        "export", Label("An export waits or was decided", "导出申请待审批或已有结果"), (APP,), about_record=False
    ),
    NoticeKind("webhook", Label("A webhook fails", "Webhook 投递失败"), (APP, MAIL), about_record=False),
    NoticeKind("device", Label("A sign-in from a new device", "在新设备上登录"), (APP, MAIL), about_record=False),
    NoticeKind("other", Label("Everything else", "其他通知"), (APP,), about_record=False),
)
KINDS = {kind.key: kind for kind in _KINDS}
OTHER = "other"


def kind_of(key: str) -> NoticeKind:
    """The kind with this key; notices of earlier versions have none."""
    return KINDS.get(key, KINDS[OTHER])
