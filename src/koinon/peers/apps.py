"""How Django finds `peers`."""

from django.apps import AppConfig


class PeersConfig(AppConfig):
    name = "koinon.peers"
    label = "peers"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.mail import incoming
        from koinon.peers import account, beside, found, invented, panel, practice_panel, reported, telling
        from koinon.peers.actions import letters
        from koinon.peers.reviews import invented as invented_reviews
        from koinon.peers.reviews import joined
        from koinon.peers.reviews import telling as telling_reviews

        account.join_in()
        beside.join_in()
        found.join_in()
        invented.join_in()
        panel.join_in()
        practice_panel.join_in()
        reported.join_in()
        joined.join_in()
        invented_reviews.join_in()
        incoming.handlers.append(letters.take)
        governance.mails.update(telling.MAILS | telling_reviews.MAILS)
        ticking.due.extend([_end_over, _ask_for_results, _keep_reviews])


def _end_over() -> None:
    """Searches for partners move with their call; what ended by itself is told to its owner."""
    from koinon.peers.actions import entries

    entries.follow_calls()
    entries.end_over()


def _ask_for_results() -> None:
    """Exchanges that lie some time back: did it help?"""
    from koinon.peers.actions import exchanging

    exchanging.ask_for_results()


def _keep_reviews() -> None:
    """Calls for peers close at their deadline; half a year after the days: what changed?"""
    from koinon.peers.reviews.actions import following

    following.close_calls()
    following.ask_what_changed()
