"""Settings of signing in: django-allauth does the work, our pages and our policy (``guanxi.web.account``) give it its face.

None of allauth's own addresses is mounted; ``guanxi.web.account.urls`` names those that exist. LDAP and OpenID Connect add
their backend and their adapter here.
"""

from __future__ import annotations

from guanxi.project import config

_config = config.current()

AUTH_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

# Local passwords first: they open the door when no directory answers.
AUTHENTICATION_BACKENDS = ["guanxi.web.account.backend.PasswordBackend", "guanxi.web.account.ldap.LdapBackend"]

AUTH_USER_MODEL = "access.User"
LOGIN_URL = "/signin"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/signin"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "guanxi.access.passwords.PolicyValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Names and mail addresses are written by administrators, so a person's own row is the truth: allauth's table of
# addresses, its sign-up and its mails stay unused.
ACCOUNT_ADAPTER = "guanxi.web.account.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_TIMEOUT = 15 * 60
# Guessing is counted in the database (guanxi.access.attempts), which holds over several processes.
ACCOUNT_RATE_LIMITS = False

MFA_ADAPTER = "guanxi.web.account.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "guanxi.web.account.factor_forms.CodeForm",
    "authenticate_webauthn": "guanxi.web.account.factor_forms.PasskeyForm",
    "reauthenticate": "guanxi.web.account.factor_forms.ConfirmCodeForm",
    "reauthenticate_webauthn": "guanxi.web.account.factor_forms.ConfirmPasskeyForm",
    "login_webauthn": "guanxi.web.account.factor_forms.SignInPasskeyForm",
    "add_webauthn": "guanxi.web.account.factor_forms.AddPasskeyForm",
    "activate_totp": "guanxi.web.account.factor_forms.ActivateCodesForm",
}
MFA_TOTP_ISSUER = "Guanxi"
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False

SOCIALACCOUNT_ADAPTER = "guanxi.web.account.social.SocialAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False

GUANXI_TRUSTED_PROXIES: tuple[str, ...] = _config.trusted_proxies
GUANXI_MAIL = _config.mail is not None
if _config.mail is not None:
    globals().update(_config.mail.settings())
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

SESSION_COOKIE_NAME = "guanxi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _config.secure
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _config.secure
CSRF_TRUSTED_ORIGINS = [_config.base_url] if _config.base_url else []
