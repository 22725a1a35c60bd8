"""An organisation's own sign-in (OpenID Connect). Imported only where the operator has set it up: it brings much along."""

from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.socialaccount.views import login_cancelled, login_error
from allauth.socialaccount.views import signup as social_signup
from django.http import HttpRequest, HttpResponseBase

from koinon.base.governance import governed
from koinon.people.views.sign_in import View, form_page, page

_login: View = openid.login
_callback: View = openid.callback
_address: View = social_signup
_error: View = login_error
_cancelled: View = login_cancelled


@governed("P1", GET="R", POST="C")
@form_page
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _login(request, provider_id)


@governed("P1", GET="R")
@page
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _callback(request, provider_id)


@governed("P1", GET="R", POST="C")
@form_page
def address(request: HttpRequest) -> HttpResponseBase:
    """Where the service gave no address: type one, which is then proved."""
    return _address(request)


@governed("P1", GET="R")
@page
def error(request: HttpRequest) -> HttpResponseBase:
    return _error(request)


@governed("P1", GET="R")
@page
def cancelled(request: HttpRequest) -> HttpResponseBase:
    return _cancelled(request)
