"""How Django finds `minutes`."""

from django.apps import AppConfig


class MinutesConfig(AppConfig):
    name = "koinon.minutes"
    label = "minutes"

    def ready(self) -> None:
        from koinon.agenda import hooks as sessions
        from koinon.base import governance, ticking
        from koinon.minutes import actions, fresh, taught, ways
        from koinon.room import hooks
        from koinon.room.actions import undoing

        fresh.join_in()
        taught.join_in()
        sessions.ways.append(ways.ways)
        hooks.on_closed.append(_draft)
        undoing.is_over.append(ways.is_published)
        ticking.due += [_draft_all, _remind]
        governance.mails.update(actions.MAILS)


def _draft(room: object) -> None:
    """The report drafts itself when the room is closed."""
    from koinon.minutes import actions
    from koinon.room.models import Room

    if isinstance(room, Room):
        actions.draft(room)


def _draft_all() -> None:
    """What was closed without one, as after a fault."""
    from koinon.minutes import actions

    actions.draft_all()


def _remind() -> None:
    """Who promised something is reminded before it is due."""
    from koinon.minutes import actions

    actions.remind()
