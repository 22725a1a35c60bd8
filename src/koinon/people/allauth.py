"""How django-allauth is bent to this house: one page to sign in, the same mail to known and unknown addresses, no passwords.

allauth knows an account first and mails a code second. Here it is the other way round: whoever types an address gets a
code; the account of a new address is made when the code is proved. So nobody learns whether an account exists, and no
address is kept that its owner did not confirm.
"""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest
from django.utils import translation

from koinon.base import problems
from koinon.base.governance import mail_row
from koinon.base.text import is_plain
from koinon.people import actions
from koinon.people.models import Person

log = logging.getLogger("koinon.people")

PASSKEY = "mfa_reauthenticate:webauthn"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def get_login_stages(self) -> list[str]:
        """A passkey stands beside the mailed code, not behind it; what needs a passkey asks for it (`step_up`)."""
        return [stage for stage in super().get_login_stages() if not stage.startswith("allauth.mfa.")]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a passkey proves itself with it: the mailbox alone must not be enough to add another or to take it off."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        passkey = [method for method in methods if method["id"] == PASSKEY]
        return passkey or methods

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by proving an address, not by a form of their own."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Only mails that name their row of the matrix leave the house."""
        mail_row(template_prefix)
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.error("a mail could not be sent: %s", error)
            raise ImmediateHttpResponse(problems.answer(self.request, 503)) from error

    def send_account_already_exists_mail(self, email: str) -> None:
        """Somebody wants to move to an address that has an account: its owner is told, the asker is not."""
        self.send_mail("account/email/address_in_use", email, {})

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Only what went wrong is said twice; that something went well is seen on the page that follows."""
        if level >= messages.WARNING:
            super().add_message(request, level, message_template, message_context, extra_tags, message)


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return str(translation.gettext("My passkey"))


class ServiceAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing in with the account of an organisation."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        person = super().populate_user(request, sociallogin, data)
        name = str(data.get("name") or "")
        person.name = name[:150] if is_plain(name) else ""
        return person


class CodeProcess(LoginCodeVerificationProcess):  # type: ignore[misc]
    """Signing in by a mailed code, with or without an account yet."""

    @classmethod
    def begin(cls, request: HttpRequest, email: str, person: Person | None) -> None:
        """Mail a code and remember in the session of this browser that it was asked for."""
        login = Login(user=person, email=email, state={"stages": {"current": LoginByCodeStage.key}})
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=person, email=email), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        process.persist()

    @property
    def tries_left(self) -> int:
        return int(self.max_attempts) - int(self.state["failed_attempts"])

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        code = self.generate_code()
        AccountAdapter(self.request).send_mail("account/email/login_code", email, {"code": code})

    def finish(self, redirect_url: str | None) -> Any:
        """The address is proved: whose it is signs in; where it is nobody's, the account begins now."""
        self._user = actions.join(self.state["email"], language=translation.get_language() or "en")
        if not Authenticator.objects.filter(user=self._user, type=Authenticator.Type.WEBAUTHN).exists():
            # Somebody with a passkey has to show it for what matters; for the others this is the best proof there is.
            record_authentication(
                self.request, self._user, method="code", email=self.state["email"], reauthenticated=True
            )
        return super().finish(redirect_url)


def note_sign_in(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Each sign-in is written down, so that its person can see it (H8)."""
    records = get_authentication_records(request, user)
    actions.note_sign_in(user, how=str(records[-1]["method"]) if records else "other")
