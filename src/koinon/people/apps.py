"""How Django finds `people`."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "koinon.people"
    label = "people"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in

        from koinon.base import governance
        from koinon.people import mine
        from koinon.people.actions import export_account
        from koinon.people.allauth import note_sign_in

        user_logged_in.connect(note_sign_in, dispatch_uid="people.note_sign_in")
        governance.mails |= {
            "account/email/login_code": "H1",
            "account/email/email_confirmation": "H1",
            "account/email/email_confirmation_signup": "H1",
            "account/email/address_in_use": "H1",
            "account/email/email_changed": "H1",
            "mfa/email/webauthn_added": "H1",
            "mfa/email/webauthn_removed": "H1",
        }
        mine.exports["account"] = export_account
