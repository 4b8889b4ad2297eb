"""The addresses of the pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path, register_converter
from django.urls.resolvers import URLPattern, URLResolver

from guanxi.web.apidocs import views as docs
from guanxi.web.numbers_in import IdConverter
from guanxi.web.views import (
    acting,
    arranging,
    attachments,
    board,
    bulk,
    bulk_runs,
    composing,
    earlier,
    exporting,
    filters,
    forms,
    home,
    inline,
    jobs,
    lists,
    lookups,
    noticing,
    palette,
    personal,
    printing,
    records,
    redacting,
    searching,
    session,
    undoing,
)

register_converter(IdConverter, "id")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("", include("guanxi.web.account.urls")),
    path("", include("guanxi.web.admin.urls")),
    path("language", session.language, name="language"),
    path("preferences", personal.settings, name="preferences"),
    path("preferences/quick", personal.quick, name="preferences-quick"),
    path("preferences/password", personal.password, name="password"),
    path("preferences/notices", noticing.choose, name="preferences-notices"),
    path("notifications", noticing.panel, name="notifications"),
    path("notifications/all", noticing.index, name="all-notifications"),
    path("notifications/read", noticing.mark_read, name="notifications-read"),
    path("notifications/unread", noticing.unread, name="unread"),
    path("search", searching.page, name="search"),
    path("recents", personal.recents, name="recents"),
    path("palette", palette.palette, name="palette"),
    path("exports", exporting.index, name="exports"),
    path("exports/<id:request_id>", exporting.show, name="export-request"),
    path("exports/<id:request_id>/decide", exporting.decide, name="export-decide"),
    path("exports/<id:request_id>/download", exporting.download, name="export-download"),
    path("jobs", jobs.index, name="jobs"),
    path("jobs/mark", jobs.mark, name="jobs-mark"),
    path("jobs/<id:job_id>", jobs.show, name="job"),
    path("jobs/<id:job_id>/cancel", jobs.cancel, name="job-cancel"),
    path("bulk/<id:run_id>", bulk_runs.show, name="bulk-run"),
    path("bulk/<id:run_id>/rejected.csv", bulk_runs.rejected, name="bulk-rejected"),
    path("watermark.svg", printing.watermark, name="watermark"),
    path("o/<slug:object_key>", lists.index, name="list"),
    path("o/<slug:object_key>/totals", lists.totals, name="totals"),
    path("o/<slug:object_key>/column", board.column, name="board-column"),
    path("o/<slug:object_key>/heads", board.heads, name="board-heads"),
    path("o/<slug:object_key>/filter", filters.builder, name="filter"),
    path("o/<slug:object_key>/save-view", arranging.save_view, name="save-view"),
    path("o/<slug:object_key>/views/<id:view_id>/delete", arranging.remove_view, name="remove-view"),
    path("o/<slug:object_key>/chooser", arranging.chooser, name="chooser"),
    path("o/<slug:object_key>/columns", arranging.columns, name="columns"),
    path("o/<slug:object_key>/bulk", bulk.bulk, name="bulk"),
    path("o/<slug:object_key>/export", exporting.export, name="export"),
    path("o/<slug:object_key>/choices/<slug:field_key>", lookups.choices, name="choices"),
    path("o/<slug:object_key>/targets", lookups.targets, name="targets"),
    path("o/<slug:object_key>/new", forms.create, name="new"),
    path("o/<slug:object_key>/<id:record_id>", records.show, name="record"),
    path("o/<slug:object_key>/<id:record_id>/edit", forms.edit, name="edit"),
    path("o/<slug:object_key>/<id:record_id>/print", printing.record, name="print"),
    path("o/<slug:object_key>/<id:record_id>/peek", records.peek, name="peek"),
    path("o/<slug:object_key>/<id:record_id>/stream", records.stream, name="stream"),
    path("o/<slug:object_key>/<id:record_id>/files", attachments.attachments, name="attachments"),
    path("o/<slug:object_key>/<id:record_id>/history", undoing.history, name="history"),
    path("undo/<id:change_set_id>", undoing.change_set, name="undo"),
    path("as-of", earlier.choose, name="as-of"),
    path("as-of/end", earlier.end, name="as-of-end"),
    path("activity", undoing.activity, name="activity"),
    path("files/<id:file_id>", attachments.download, name="file"),
    path("files/<id:file_id>/remove", attachments.remove, name="remove-file"),
    path("o/<slug:object_key>/<id:record_id>/related", records.related, name="related"),
    path("o/<slug:object_key>/<id:record_id>/compose/<slug:stream_key>", composing.compose, name="compose"),
    path("o/<slug:object_key>/<id:record_id>/cell/<slug:field_key>", inline.cell, name="cell"),
    path("o/<slug:object_key>/<id:record_id>/move", board.move, name="move"),
    path("o/<slug:object_key>/<id:record_id>/act/<slug:action_key>", acting.act, name="act"),
    path("o/<slug:object_key>/<id:record_id>/delete", records.delete, name="delete"),
    path("o/<slug:object_key>/<id:record_id>/restore", records.restore, name="restore"),
    path("o/<slug:object_key>/<id:record_id>/purge", records.purge, name="purge"),
    path("o/<slug:object_key>/<id:record_id>/redact", redacting.redact, name="redact"),
    path("o/<slug:object_key>/<id:record_id>/favourite", records.favourite, name="favourite"),
    path("o/<slug:object_key>/<id:record_id>/follow", noticing.follow, name="follow"),
]

if find_spec("guanxi.web.api") and find_spec("guanxi.web.api.urls"):
    urlpatterns.append(path("api/docs", docs.index, name="api-docs"))
    urlpatterns.append(path("api/docs/<slug:key>", docs.area, name="api-docs-area"))
    urlpatterns.append(path("api/", include("guanxi.web.api.urls")))
