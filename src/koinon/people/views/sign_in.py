"""Signing in and out: by a mailed code, a passkey, or a one-time link. There are no passwords.

The work is django-allauth's; each of its views that the house offers is wrapped here, so that it names its row. What is
not wrapped has no address. Passkeys bring a library of cryptography along: their views are imported by whoever asks for one,
so that no start of the house waits for them.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from koinon.base.governance import governed
from koinon.people import actions
from koinon.people.allauth import CodeProcess
from koinon.people.models import SignInLink
from koinon.people.oidc import services
from koinon.people.views.refusing import Refusing

page = require_http_methods(["GET", "HEAD"])
form_page = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponseBase]


class _Address(Refusing, account.RequestLoginCodeView):  # type: ignore[misc]
    """The first step. The answer is the same whether the address is known or not."""

    template_name = "people/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "services": services()}

    def form_valid(self, form: Any) -> HttpResponse:
        CodeProcess.begin(self.request, form.cleaned_data["email"].lower(), form._user)
        return HttpResponseRedirect(self.get_success_url())


class _Code(Refusing, account.ConfirmLoginCodeView):  # type: ignore[misc]
    """The second step."""

    template_name = "people/sign_in_code.html"

    @method_decorator(login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="account_login"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = request._login_stage  # type: ignore[attr-defined]
        self._process = CodeProcess(self.stage).abort_if_invalid()
        if self._process is None:
            return redirect("account_login")
        # Past allauth's own, which would take up its own kind of process.
        response: HttpResponseBase = super(account.ConfirmLoginCodeView, self).dispatch(
            request, *args, **kwargs
        )
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {**super().get_context_data(**kwargs), "tries_left": self._process.tries_left}
        return {**context, "hidden_address": _hide(self._process.state["email"])}


def _hide(email: str) -> str:
    """`ana@gent.example` → `a…@gent.example`: enough to recognise one's own, too little for who looks over a shoulder."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


class _ProveByCode(account.RequestReauthenticationCodeView):  # type: ignore[misc]
    template_name = "people/prove_by_code.html"


class _ProveByCodeConfirm(Refusing, account.ConfirmReauthenticationCodeView):  # type: ignore[misc]
    template_name = "people/prove_by_code_confirm.html"


class _NewAddress(Refusing, account.EmailView):  # type: ignore[misc]
    template_name = "people/address.html"


class _NewAddressCode(Refusing, account.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    template_name = "people/address_code.html"


# Django and allauth do not say what their views are; here they do.
_address: View = _Address.as_view()
_code: View = _Code.as_view()
_logout: View = account.logout
_prove_by_code: View = _ProveByCode.as_view()
_prove_by_code_confirm: View = _ProveByCodeConfirm.as_view()
_new_address: View = _NewAddress.as_view()
_new_address_code: View = _NewAddressCode.as_view()


@governed("P1", GET="R", POST="C")
@form_page
def login(request: HttpRequest) -> HttpResponseBase:
    """Type an address; a code is mailed to it."""
    return _address(request)


@governed("P1", GET="R", POST="C")
@form_page
def login_code(request: HttpRequest) -> HttpResponseBase:
    """Type the code."""
    return _code(request)


@governed("P1", GET="R", POST="C")
@form_page
def login_passkey(request: HttpRequest) -> HttpResponseBase:
    """A script asks (`Accept: application/json`) what the passkey has to sign, and posts the signature."""
    from koinon.people.views import passkeys

    return passkeys.login(request)


@governed("P1")
@page
def inactive(request: HttpRequest) -> HttpResponseBase:
    return render(request, "people/inactive.html", status=403)


@governed("P1", GET="R", POST="C")
@form_page
def logout(request: HttpRequest) -> HttpResponseBase:
    """Also leaves a sign-in that was begun and not finished."""
    return _logout(request)


@governed("P1", GET="R", POST="C")
@form_page
def link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """A one-time link. Opening it shows a button; only pressing the button uses it up, so that no scanner of mail does."""
    if request.method != "POST":
        usable = SignInLink.objects.usable(secret, timezone.now()).exists()
        return render(request, "people/link.html", {"usable": usable}, status=200 if usable else 404)
    person = actions.use_link(secret)
    if person is None:
        return render(request, "people/link.html", {"usable": False}, status=404)
    end_session(request)
    record_authentication(request, person, method="code", email=person.email, reauthenticated=True)
    response: HttpResponseBase = perform_login(
        request, Login(user=person, email=person.email, redirect_url=reverse("mfa_add_webauthn"))
    )
    return response


# Proving anew


@governed("H1", GET="R", POST="U")
@form_page
def prove_by_code(request: HttpRequest) -> HttpResponseBase:
    """Ask for a code; it goes to the address of the account."""
    return _prove_by_code(request)


@governed("H1", GET="R", POST="U")
@form_page
def prove_by_code_confirm(request: HttpRequest) -> HttpResponseBase:
    return _prove_by_code_confirm(request)


@governed("H1", GET="R", POST="U")
@form_page
def prove_by_passkey(request: HttpRequest) -> HttpResponseBase:
    from koinon.people.views import passkeys

    return passkeys.prove(request)


# Passkeys


@governed("H1", GET="R", POST="U")
@form_page
def passkey_add(request: HttpRequest) -> HttpResponseBase:
    from koinon.people.views import passkeys

    return passkeys.add(request)


@governed("H1", GET="R", POST="U")
@form_page
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    from koinon.people.views import passkeys

    return passkeys.remove(request, pk=pk)


@governed("H1")
@page
@login_required
def passkeys(request: HttpRequest) -> HttpResponseBase:
    """The passkeys stand on the account page; allauth leads here after some of its steps."""
    return redirect("people:account")


# The address


@governed("H1", GET="R", POST="U")
@form_page
def address(request: HttpRequest) -> HttpResponseBase:
    """Change the address of the account: the new one is proved by a code first."""
    return _new_address(request)


@governed("P1", GET="R", POST="C")
@form_page
def address_code(request: HttpRequest) -> HttpResponseBase:
    """The code that went to a new address; also where an organisation's service did not vouch for the address."""
    return _new_address_code(request)
