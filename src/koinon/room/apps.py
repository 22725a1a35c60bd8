"""How Django finds `room`, what it adds to the floors below, and what of it is due each minute."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "koinon.room"
    label = "room"

    def ready(self) -> None:
        from koinon.agenda import hooks as sessions
        from koinon.base import ticking
        from koinon.network.actions import demo as invented
        from koinon.questions import receipts_elsewhere
        from koinon.room import desk_state, quick, similar, source, ways
        from koinon.room.actions import demo
        from koinon.room.views import receipts

        sessions.ways.append(ways.ways)
        source.join_in()
        quick.open_doors()
        desk_state.join_in()
        similar.join_in()
        receipts_elsewhere.elsewhere.append(receipts.receipt)
        invented.more.append((demo.add, demo.remove))
        ticking.due.extend([_run, demo.renew])


def _run() -> None:
    """Polls whose time is over, and keys of rooms that closed a day ago."""
    from koinon.room.actions import lifecycle

    lifecycle.run()
