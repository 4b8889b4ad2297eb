"""Addresses of the administration and of the sharing dialogs of records."""

from django.urls import path

from guanxi.web.admin import departments, hub, inviting, people, roles, settings, sharing, signing

urlpatterns = [
    path("admin", hub.hub, name="admin"),
    path("admin/people", people.index, name="admin-people"),
    path("admin/people/<id:user_id>", people.show, name="admin-person"),
    path("admin/people/<id:user_id>/roles", people.set_roles, name="admin-person-roles"),
    path("admin/people/<id:user_id>/deactivate", people.deactivate, name="admin-deactivate"),
    path("admin/people/<id:user_id>/activate", people.activate, name="admin-activate"),
    path("admin/people/<id:user_id>/reset-factors", signing.reset_factors, name="admin-reset-factors"),
    path("admin/people/<id:user_id>/unlock", signing.unlock, name="admin-unlock"),
    path("admin/people/<id:user_id>/end-sessions", signing.end_sessions, name="admin-end-sessions"),
    path("admin/people/<id:user_id>/revoke-keys", signing.revoke_keys, name="admin-revoke-keys"),
    path("admin/people/<id:user_id>/invitation", signing.invitation, name="admin-invitation"),
    path("admin/people/<id:user_id>/see-as", people.see_as, name="admin-see-as"),
    path("see-as/end", people.end_seeing, name="see-as-end"),
    path("admin/invite", inviting.invite, name="admin-invite"),
    path("admin/departments", departments.index, name="admin-departments"),
    path("admin/departments/move", departments.move, name="admin-move-department"),
    path("admin/roles", roles.index, name="admin-roles"),
    path("admin/roles/<id:role_id>", roles.show, name="admin-role"),
    path("admin/roles/<id:role_id>/save", roles.save, name="admin-save-role"),
    path("admin/roles/<id:role_id>/preview", roles.preview, name="admin-preview-role"),
    path("admin/defaults", settings.defaults, name="admin-defaults"),
    path("admin/security", settings.policy, name="admin-security"),
    path("admin/audit", hub.audit_page, name="admin-audit"),
    path("admin/audit/verify", hub.verify, name="admin-verify"),
    path("o/<slug:object_key>/<id:record_id>/share", sharing.share, name="share"),
    path("o/<slug:object_key>/<id:record_id>/share/<id:grant_id>/remove", sharing.unshare, name="unshare"),
    path("o/<slug:object_key>/<id:record_id>/access", sharing.access, name="access"),
    path("o/<slug:object_key>/fields/<slug:field_key>/access", sharing.field, name="field-access"),
]
