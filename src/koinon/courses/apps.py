"""How Django finds `courses`."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "koinon.courses"
    label = "courses"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.courses import account, found, fresh, invented, letters, panel, reported

        account.join_in()
        found.join_in()
        fresh.join_in()
        invented.join_in()
        panel.join_in()
        reported.join_in()
        governance.mails.update(letters.MAILS)
        ticking.due.append(_seats)


def _seats() -> None:
    """Offers that lapsed, and seats that came free."""
    from koinon.courses.actions import seats

    seats.run()
