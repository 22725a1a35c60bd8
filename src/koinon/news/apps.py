"""How Django finds `news`."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "koinon.news"
    label = "news"

    def ready(self) -> None:
        from koinon.base import governance, ticking

        governance.mails.update({"news/mail/confirm": "N3", "news/mail/digest": "N3"})
        ticking.due += [_tell, _ask_and_forget]


def _tell() -> None:
    """Digests whose moment has come."""
    from koinon.news import digesting

    digesting.run()


def _ask_and_forget() -> None:
    """Wishes that came when the address had been asked already; what nobody confirmed is forgotten."""
    from koinon.news.actions import following

    following.ask_again()
    following.forget_old()
