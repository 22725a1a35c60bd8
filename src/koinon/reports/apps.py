"""How Django finds `reports`."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "koinon.reports"
    label = "reports"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.reports import invented, mails, panel

        governance.mails.update(mails.MAILS)
        invented.join_in()
        panel.join_in()
        ticking.due.append(_record)


def _record() -> None:
    """What was held, answered and agreed stands in the log without anybody typing it."""
    from koinon.reports.actions import recording

    recording.run()
