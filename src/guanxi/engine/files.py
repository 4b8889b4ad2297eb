"""Files kept for records: stored under a name of our own, visible to whoever sees the record."""

from __future__ import annotations

import hashlib
import mimetypes
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import every, visible
from guanxi.engine.labels import labels_for
from guanxi.engine.models import StoredFile
from guanxi.journal.recorder import Recorder
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema.registry import snapshot

MAX_SIZE = 25 * 1024 * 1024
SHOWN_IN_PLACE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Pictures a browser may show; everything else is downloaded."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as it is listed on a record; ``size`` in bytes."""

    id: int
    name: str
    media_type: str
    size: int
    created_at: datetime
    by: str


def attach(actor: Actor, object_key: str, record_id: int, name: str, content: IO[bytes], size: int) -> StoredFile:
    """Keep a file with a record the actor may edit; journaled as an entry of the record.

    Raises :class:`Invalid` for an empty or too large file, :class:`Refused` or :class:`NotFound` for the record.
    """
    _require_editable(actor, object_key, record_id)
    name = PurePath(name.replace("\\", "/")).name.replace("\x00", "").strip()[:255] or _("file")
    if not 0 < size <= MAX_SIZE:
        limit = MAX_SIZE // 1024 // 1024
        raise Invalid(_("Choose a file that is not empty and has at most %(limit)d MB.") % {"limit": limit})
    data = content.read(MAX_SIZE + 1)
    moment = clock.now()
    path = f"files/{moment:%Y/%m}/{secrets.token_hex(16)}"
    with db.atomic():
        stored = StoredFile.objects.create(
            name=name,
            media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            path=path,
            object=object_key,
            record=record_id,
            created_at=moment,
            created_by_id=actor.user_id,
        )
        recorder = Recorder(moment, actor.user_id, "file", name)
        recorder.record(object_key, "file_added", [(record_id, {"file": [None, name]}, None)])
        default_storage.save(path, ContentFile(data))
    return stored


def of(actor: Actor, object_key: str, record_id: int) -> tuple[Attached, ...]:
    """The files of a record the actor may see, newest first."""
    kind = snapshot().get(object_key)
    if not visible(actor, kind, narrow=True).filter(pk=record_id).exists():
        return ()
    found = list(StoredFile.objects.filter(object=object_key, record=record_id).order_by("-id"))
    people = labels_for(actor, {"user": {row.created_by_id for row in found if row.created_by_id}})
    return tuple(
        Attached(
            row.pk, row.name, row.media_type, row.size, row.created_at, people.get(("user", row.created_by_id or 0), "")
        )
        for row in found
    )


def open_file(actor: Actor, file_id: int) -> tuple[StoredFile, IO[bytes]]:
    """A file and its content, if the actor sees the record it belongs to."""
    stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None or stored.record is None or stored.object not in snapshot().objects:
        raise _missing()
    if not every(actor, snapshot().get(stored.object), narrow=True).filter(pk=stored.record).exists():
        raise _missing()
    return stored, default_storage.open(stored.path)


def remove(actor: Actor, file_id: int) -> StoredFile:
    """Delete a file of a record the actor may edit; the record's history keeps its name."""
    stored, content = open_file(actor, file_id)
    content.close()
    _require_editable(actor, stored.object, stored.record or 0)
    with db.atomic():
        recorder = Recorder(clock.now(), actor.user_id, "file", stored.name)
        recorder.record(stored.object, "file_removed", [(stored.record or 0, {"file": [stored.name, None]}, None)])
        StoredFile.objects.filter(pk=file_id).delete()
        db.on_commit(lambda: default_storage.delete(stored.path))
    return stored


def _require_editable(actor: Actor, object_key: str, record_id: int) -> None:
    kind = snapshot().get(object_key)
    if not visible(actor, kind, narrow=True).filter(pk=record_id).exists():
        raise NotFound(_("This record does not exist, or you may not see it."))
    if not visible(actor, kind, "write", narrow=True).filter(pk=record_id).exists():
        raise Refused(_("You may see this record but not change it. Ask its owner or an administrator."))


def _missing() -> NotFound:
    return NotFound(_("This file does not exist, or you may not see it."))
