"""Addresses of the API."""

from django.urls import path, re_path

from guanxi.web.api import about, administration, assisting, exports, records

urlpatterns = [
    path("v1/openapi.json", about.openapi, name="api_openapi"),
    path("v1/me", about.me, name="api_me"),
    path("v1/keys", about.key_list, name="api_keys"),
    path("v1/keys/<int:key_id>", about.key_item, name="api_key"),
    path("v1/role/<int:role_id>/rights", administration.role_rights, name="api_role_rights"),
    path("v1/role/<int:role_id>/simulation", administration.role_simulation, name="api_role_simulation"),
    path("v1/user/<int:user_id>/roles", administration.person_roles, name="api_person_roles"),
    path("v1/user/<int:user_id>/deactivate", administration.deactivate, name="api_deactivate"),
    path("v1/user/<int:user_id>/activate", administration.activate, name="api_activate"),
    path("v1/user/<int:user_id>/unlock", assisting.unlock, name="api_unlock"),
    path("v1/user/<int:user_id>/end-sessions", assisting.end_sessions, name="api_end_sessions"),
    path("v1/user/<int:user_id>/reset-factors", assisting.reset_factors, name="api_reset_factors"),
    path("v1/user/<int:user_id>/invitation", assisting.invitation, name="api_invitation"),
    path("v1/user/<int:user_id>/keys", assisting.person_keys, name="api_person_keys"),
    path("v1/user/<int:user_id>/revoke-keys", assisting.revoke_keys, name="api_revoke_keys"),
    path("v1/audit-log/proof", assisting.audit_proof, name="api_audit_proof"),
    path("v1/invitations", administration.invite, name="api_invite"),
    path("v1/security-policy", administration.policy, name="api_policy"),
    path("v1/object-defaults", administration.defaults, name="api_defaults"),
    path("v1/shares/<int:grant_id>", administration.unshare, name="api_unshare"),
    path("v1/<slug:object_key>/<int:record_id>/shares", administration.shares, name="api_shares"),
    path("v1/<slug:object_key>/<int:record_id>/access", administration.record_access, name="api_record_access"),
    path("v1/<slug:object_key>/fields/<slug:field_key>/access", administration.field_access, name="api_field_access"),
    path("v1/export-requests", exports.collection, name="api_export_requests"),
    path("v1/export-requests/<int:request_id>", exports.item, name="api_export_request"),
    path("v1/export-requests/<int:request_id>/decide", exports.decide, name="api_export_decide"),
    path("v1/export-requests/<int:request_id>/download", exports.download, name="api_export_download"),
    path("v1/<slug:object_key>/export", exports.export, name="api_export"),
    path("v1/<slug:object_key>", records.collection, name="api_collection"),
    path("v1/<slug:object_key>/<int:record_id>", records.record, name="api_record"),
    path("v1/<slug:object_key>/<int:record_id>/restore", records.restore, name="api_restore"),
    path("v1/<slug:object_key>/<int:record_id>/actions/<slug:action_key>", records.action, name="api_action"),
    re_path(r"^(?P<path>.*)$", about.nothing),
]
