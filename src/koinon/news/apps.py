"""How Django finds `news`."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "koinon.news"
    label = "news"

    def ready(self) -> None:
        from koinon.base import following, governance, ticking
        from koinon.news import account, found, fresh, invented, panel, reported

        governance.mails.update(
            {"news/mail/confirm": "N3", "news/mail/digest": "N3", "news/mail/newsletter": "N9"}
        )
        account.join_in()
        found.join_in()
        fresh.join_in()
        invented.join_in()
        panel.join_in()
        reported.join_in()
        following.addresses[:] = [_follow]
        ticking.due += [_tell, _ask_and_forget]


def _follow(kind: str, key: str) -> str:
    """The page that follows a thing; of a search, its own address is the key."""
    from django.urls import reverse

    from koinon.news.subjects import SEARCH

    query = "search=1&" + key.removeprefix("?") if kind == SEARCH else f"{kind}={key}"
    return f"{reverse('news:follow')}?{query}"


def _tell() -> None:
    """Digests whose moment has come, and newsletters that were released."""
    from koinon.news import digesting
    from koinon.news.actions import letters

    digesting.run()
    letters.send_due()


def _ask_and_forget() -> None:
    """Wishes that came when the address had been asked already; what nobody confirmed is forgotten."""
    from koinon.news.actions import following

    following.ask_again()
    following.forget_old()
