"""Where signing in and one's own account are. Names without a space of their own are those that allauth asks for."""

from django.conf import settings
from django.urls import include, path

from koinon.people.views import account, sign_in

own = [
    path("", account.account, name="account"),
    path("sign-ins/", account.sign_ins, name="sign_ins"),
    path("sign-out-everywhere/", account.leave_everywhere, name="leave_everywhere"),
    path("tokens/", account.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", account.revoke, name="revoke"),
    path("data/", account.data, name="data"),
    path("close/", account.close, name="close"),
    path("link/<str:secret>/", sign_in.link, name="link"),
    path("others/", account.others, name="others"),
    path("others/<int:pk>/", account.other, name="other"),
]

urlpatterns = [
    path("", include((own, "people"))),
    path("login/", sign_in.login, name="account_login"),
    path("login/", sign_in.login, name="account_request_login_code"),
    path("login/code/", sign_in.login_code, name="account_confirm_login_code"),
    path("login/passkey/", sign_in.login_passkey, name="mfa_login_webauthn"),
    path("logout/", sign_in.logout, name="account_logout"),
    path("inactive/", sign_in.inactive, name="account_inactive"),
    path("address/", sign_in.address, name="account_email"),
    path("address/code/", sign_in.address_code, name="account_email_verification_sent"),
    path("prove/code/", sign_in.prove_by_code, name="account_request_reauthentication_code"),
    path("prove/code/confirm/", sign_in.prove_by_code_confirm, name="account_confirm_reauthentication_code"),
    path("prove/passkey/", sign_in.prove_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("passkeys/", sign_in.passkeys, name="mfa_index"),
    path("passkeys/", sign_in.passkeys, name="mfa_list_webauthn"),
    path("passkeys/add/", sign_in.passkey_add, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", sign_in.passkey_remove, name="mfa_remove_webauthn"),
]

if settings.SOCIALACCOUNT_PROVIDERS:
    from koinon.people.views import oidc

    urlpatterns += [
        path("oidc/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
        path("oidc/<str:provider_id>/callback/", oidc.callback, name="openid_connect_callback"),
        path("oidc/address/", oidc.address, name="socialaccount_signup"),
        path("oidc/error/", oidc.error, name="socialaccount_login_error"),
        path("oidc/cancelled/", oidc.cancelled, name="socialaccount_login_cancelled"),
    ]
