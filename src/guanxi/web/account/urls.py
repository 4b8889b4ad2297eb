"""The addresses of signing in, under the names by which allauth finds them; what has no line here does not exist."""

from __future__ import annotations

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from guanxi.web.account import confirming, entrance, factor_pages, key_pages, oidc, password_pages, security

urlpatterns: list[URLPattern | URLResolver] = [
    path("signin", entrance.sign_in, name="account_login"),
    path("signin/passkey", entrance.passkey_sign_in, name="mfa_login_webauthn"),
    path("signin/second", entrance.second_factor, name="mfa_authenticate"),
    path("signin/forgotten", password_pages.forgotten, name="account_reset_password"),
    path("signin/reset/<str:token>", password_pages.reset, name="reset-password"),
    path("signin/invited/<str:token>", password_pages.invited, name="invited"),
    path("signin/renew", password_pages.renew, name="renew-password"),
    path("signin/oidc/<id:provider_id>", oidc.begin, name="openid_connect_login"),
    path("signin/oidc/<id:provider_id>/callback", oidc.callback, name="openid_connect_callback"),
    path("signout", entrance.sign_out, name="account_logout"),
    path("preferences/security", security.overview, name="mfa_index"),
    path("preferences/security/setup", security.setup, name="mfa-setup"),
    path("preferences/security/app", factor_pages.add_app, name="mfa_activate_totp"),
    path("preferences/security/app/remove", factor_pages.remove_app, name="mfa_deactivate_totp"),
    path("preferences/security/passkeys", security.to_overview, name="mfa_list_webauthn"),
    path("preferences/security/passkeys/add", factor_pages.add_passkey, name="mfa_add_webauthn"),
    path("preferences/security/passkeys/<int:pk>/name", factor_pages.name_passkey, name="mfa_edit_webauthn"),
    path("preferences/security/passkeys/<int:pk>/remove", factor_pages.remove_passkey, name="mfa_remove_webauthn"),
    path("preferences/security/codes", factor_pages.codes, name="mfa_view_recovery_codes"),
    path("preferences/security/codes/new", factor_pages.new_codes, name="mfa_generate_recovery_codes"),
    path("preferences/security/codes/download", factor_pages.download_codes, name="mfa_download_recovery_codes"),
    path("preferences/security/sessions/<int:session_id>/end", security.end_session, name="end-session"),
    path("preferences/security/sessions/end-others", security.end_others, name="end-other-sessions"),
    path("preferences/security/keys/new", key_pages.create, name="new-key"),
    path("preferences/security/keys/<int:key_id>/revoke", key_pages.revoke, name="revoke-key"),
    path("preferences/confirm", confirming.by_password, name="account_reauthenticate"),
    path("preferences/confirm/code", confirming.by_code, name="mfa_reauthenticate"),
    path("preferences/confirm/passkey", confirming.by_passkey, name="mfa_reauthenticate_webauthn"),
]
