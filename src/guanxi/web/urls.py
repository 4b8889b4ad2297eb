"""The addresses of the pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path, register_converter
from django.urls.resolvers import URLPattern, URLResolver

from guanxi.web.apidocs import views as docs
from guanxi.web.importing import runs as import_runs
from guanxi.web.importing import views as importing
from guanxi.web.numbers_in import IdConverter
from guanxi.web.views import (
    attachments,
    briefing,
    bulk_runs,
    duplicates,
    earlier,
    exporting,
    home,
    jobs,
    lists,
    noticing,
    palette,
    personal,
    printing,
    searching,
    session,
    undoing,
)

register_converter(IdConverter, "id")

_api: list[URLPattern | URLResolver] = []
if find_spec("guanxi.web.api") and find_spec("guanxi.web.api.urls"):
    _api = [
        path("api/docs", docs.index, name="api-docs"),
        path("api/docs/<slug:key>", docs.area, name="api-docs-area"),
        path("api/", include("guanxi.web.api.urls")),
    ]
# Most requests are for a record or a list, or come from a program: they need not be compared with all other addresses.
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:object_key>", lists.index, name="list"),
    path("o/<slug:object_key>/", include("guanxi.web.object_urls")),
    *_api,
    path("", home.home, name="home"),
    path("", include("guanxi.web.account.urls")),
    path("", include("guanxi.web.admin.urls")),
    path("briefing", briefing.briefing, name="briefing"),
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
    path("imports", importing.index, name="imports"),
    path("imports/<id:import_id>", import_runs.show, name="import"),
    path("imports/<id:import_id>/map", importing.mapping, name="import-map"),
    path("imports/<id:import_id>/layout", importing.layout, name="import-layout"),
    path("imports/<id:import_id>/check", importing.check, name="import-check"),
    path("imports/<id:import_id>/commit", import_runs.commit, name="import-commit"),
    path("imports/<id:import_id>/resume", import_runs.resume, name="import-resume"),
    path("imports/<id:import_id>/rejected", import_runs.rejected_rows, name="import-rejected"),
    path("imports/<id:import_id>/template", import_runs.save_template, name="import-template"),
    path("imports/templates/<id:template_id>/remove", import_runs.remove_template, name="import-template-remove"),
    path("jobs", jobs.index, name="jobs"),
    path("jobs/mark", jobs.mark, name="jobs-mark"),
    path("jobs/<id:job_id>", jobs.show, name="job"),
    path("jobs/<id:job_id>/cancel", jobs.cancel, name="job-cancel"),
    path("bulk/<id:run_id>", bulk_runs.show, name="bulk-run"),
    path("bulk/<id:run_id>/rejected.csv", bulk_runs.rejected, name="bulk-rejected"),
    path("watermark.svg", printing.watermark, name="watermark"),
    path("taken", duplicates.taken, name="taken"),
    path("duplicates", duplicates.review, name="duplicates"),
    path("duplicates/scan", duplicates.scan, name="duplicates-scan"),
    path("duplicates/<id:group_id>/apart", duplicates.apart, name="duplicates-apart"),
    path("undo/<id:change_set_id>", undoing.change_set, name="undo"),
    path("as-of", earlier.choose, name="as-of"),
    path("as-of/end", earlier.end, name="as-of-end"),
    path("activity", undoing.activity, name="activity"),
    path("files/<id:file_id>", attachments.download, name="file"),
    path("files/<id:file_id>/remove", attachments.remove, name="remove-file"),
]
