"""allauth's views of passkeys. They bring a library of cryptography along, so `sign_in` takes them up when one is asked for."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth
from django.http import HttpResponseBase
from django.urls import reverse

from koinon.people.views.refusing import NOT_TAKEN, Refusing


class Prove(webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    template_name = "people/prove_by_passkey.html"

    def form_invalid(self, form: Any) -> HttpResponseBase:
        context = {**self.get_context_data(), "form": form}
        response: HttpResponseBase = self.render_to_response(context, status=NOT_TAKEN)
        return response


class Add(Refusing, webauthn.AddWebAuthnView):  # type: ignore[misc]
    """A passkey that signs in alone: it stays on the device and asks for its person."""

    template_name = "people/passkey_add.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if "form" in kwargs:
            context["form"] = kwargs["form"]
        context["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        return context

    def get_success_url(self) -> str:
        return reverse("people:account")


class Remove(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    template_name = "people/passkey_remove.html"

    def get_success_url(self) -> str:
        return reverse("people:account")


# Django and allauth do not say what their views are; here they do.
login: Callable[..., HttpResponseBase] = webauthn.login_webauthn
prove: Callable[..., HttpResponseBase] = Prove.as_view()
add: Callable[..., HttpResponseBase] = Add.as_view()
remove: Callable[..., HttpResponseBase] = Remove.as_view()
