"""What stands for all tests of a module: made once in a transaction, in which each test has a savepoint of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def standing(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is made inside is there for each test as if it had made it, and is undone after the last one.

    Give each test a copy of the objects: what one changes in them, the next would find.
    """
    with blocker.unblock(), transaction.atomic():
        forget_all()
        yield
        transaction.set_rollback(True)


def forget_all() -> None:
    """Throw away what the process keeps for a version of the data: what a test changes is undone without a new version."""
    from koinon.agenda import around, practice_panel
    from koinon.calls import around as calls
    from koinon.courses import testing as courses
    from koinon.guide import stencils
    from koinon.journal import versions
    from koinon.network import responsible
    from koinon.network.actions import demo
    from koinon.news import listing as news_listing
    from koinon.news import panel as news_panel
    from koinon.news import recent, seeking, subjects
    from koinon.peers import listing as offers
    from koinon.peers import matching as peers
    from koinon.places import tree
    from koinon.practices import listing
    from koinon.questions import knowledge, matching
    from koinon.reports import testing as reports
    from koinon.spaces import panel as spaces_panel

    versions.forget()
    around.forget()
    practice_panel.forget()
    calls.forget()
    stencils.forget()
    tree.forget()
    responsible.forget()
    knowledge.forget()
    matching.forget()
    demo.forget()
    listing.forget()
    offers.forget()
    peers.forget()
    courses.forget()
    news_listing.forget()
    news_panel.forget()
    recent.forget()
    reports.forget()
    seeking.forget()
    subjects.forget()
    spaces_panel.forget()
