"""Addresses of the API."""

from django.urls import path, re_path

from guanxi.web.api import about, records

urlpatterns = [
    path("v1/openapi.json", about.openapi, name="api_openapi"),
    path("v1/me", about.me, name="api_me"),
    path("v1/keys", about.key_list, name="api_keys"),
    path("v1/keys/<int:key_id>", about.key_item, name="api_key"),
    path("v1/<slug:object_key>", records.collection, name="api_collection"),
    path("v1/<slug:object_key>/<int:record_id>", records.record, name="api_record"),
    path("v1/<slug:object_key>/<int:record_id>/restore", records.restore, name="api_restore"),
    path("v1/<slug:object_key>/<int:record_id>/actions/<slug:action_key>", records.action, name="api_action"),
    re_path(r"^(?P<path>.*)$", about.nothing),
]
