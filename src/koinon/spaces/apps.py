"""How Django finds `spaces`."""

from django.apps import AppConfig


class SpacesConfig(AppConfig):
    name = "koinon.spaces"
    label = "spaces"

    def ready(self) -> None:
        from koinon.agenda import hooks
        from koinon.base import governance, ticking
        from koinon.mail import incoming
        from koinon.spaces import account, found, fresh, invented, panel, reported, telling
        from koinon.spaces.actions import letters, things

        account.join_in()
        found.join_in()
        fresh.join_in()
        invented.join_in()
        panel.join_in()
        reported.join_in()
        incoming.handlers.append(letters.take)
        governance.mails.update(telling.MAILS)
        hooks.changed.append(things.follow_session)
        ticking.due.append(_tell_once_a_day)


def _tell_once_a_day() -> None:
    """Daily mails whose hour has come; invitations that nobody took up are forgotten; what has no host any more gets one."""
    from koinon.spaces.actions import digesting, joining, leaving

    digesting.run()
    joining.forget_old()
    leaving.fill_in()
