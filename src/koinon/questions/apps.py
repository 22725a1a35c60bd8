"""How Django finds `questions`."""

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "koinon.questions"
    label = "questions"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.mail import incoming
        from koinon.questions import about, account, desk_panel, found, fresh, invented, reported
        from koinon.questions.actions import letters, telling

        about.join_in()
        account.join_in()
        desk_panel.join_in()
        found.join_in()
        fresh.join_in()
        invented.join_in()
        reported.join_in()
        incoming.handlers.append(letters.take)
        governance.mails.update(telling.MAILS)
        ticking.due.extend([_escalate, _support, _forget])


def _escalate() -> None:
    """Reminders, and the next level where a date was missed."""
    from koinon.questions.actions import clock

    clock.run()


def _support() -> None:
    """Confidential requests that are late, and what changed after three and six months."""
    from koinon.questions.actions import support

    support.run()


def _forget() -> None:
    """Addresses and texts that are no longer needed."""
    from koinon.questions.actions import asking

    asking.forget_old()
