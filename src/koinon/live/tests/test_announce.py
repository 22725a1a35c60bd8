"""A change is written with its deed or not at all, under a number without gaps."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from koinon.live import notify
from koinon.live.actions import News, announce, announce_many, forget_channel, forget_old
from koinon.live.loader import encoded, look, news, over, show
from koinon.live.models import Change, Channel
from koinon.live.sources import Source, sources
from koinon.live.testing import changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Who was woken, and how urgently."""
    seen: list[tuple[str, bool]] = []
    monkeypatch.setattr(notify, "wake", [lambda channel, at_once: seen.append((channel, at_once))])
    return seen


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source whose channels show how many changes there were."""
    source = Source(
        lambda name: {"count": Change.objects.of(name).count()}, lambda name, persons: persons - {5}
    )
    monkeypatch.setitem(sources, "said", source)


def test_each_channel_counts_by_itself() -> None:
    numbers = [
        announce("a:1", "question", {"text": "Ποιος;"}),
        announce("b:1", "votes", {}),
        announce("a:1", "x", {}),
    ]

    assert numbers == [1, 1, 2]
    assert changes("a:1") == [("question", {"text": "Ποιος;"}), ("x", {})]
    assert changes("a:1", after=1) == [("x", {})]


def test_many_get_numbers_in_a_row() -> None:
    announce("a:1", "first", {})

    assert announce_many("a:1", [News("second"), News("third", {"n": 3}, at_once=True)]) == 3
    assert announce_many("a:1", []) == 0
    assert [(one.number, one.about, one.at_once) for one in Change.objects.of("a:1")] == [
        (1, "first", False),
        (2, "second", False),
        (3, "third", True),
    ]


def test_what_is_undone_was_never_announced(
    woken: list[tuple[str, bool]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        with suppress(ZeroDivisionError), transaction.atomic():
            announce("a:1", "lost", {})
            raise ZeroDivisionError
        number = announce("a:1", "kept", {}, at_once=True)
        assert woken == [], "nobody hears of it before the commit"

    assert number == 1
    assert changes("a:1") == [("kept", {})]
    assert woken == [("a:1", True)]


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        announce("a:1", "x", {"when": timezone.now()})
    assert changes("a:1") == []


def test_old_changes_are_forgotten_and_numbers_go_on() -> None:
    announce("a:1", "old", {})
    Change.objects.update(at=timezone.now() - timedelta(days=2))
    announce("a:1", "new", {})

    assert forget_old() == 1
    assert changes("a:1") == [("new", {})]
    assert announce("a:1", "next", {}) == 3


def test_a_wiped_channel_begins_in_another_epoch() -> None:
    announce("a:1", "x", {})
    before = Channel.objects.get(name="a:1").epoch

    forget_channel("a:1")

    assert announce("a:1", "y", {}) == 1
    assert Channel.objects.get(name="a:1").epoch != before


def test_totals_of_one_frame_are_one_event() -> None:
    events = encoded(
        [
            (4, "votes", '{"1":{"yes":1,"no":0},"2":5}'),
            (5, "question", '{"id":9}'),
            (6, "votes", '{"1":{"yes":2}}'),
        ],
        frozenset({"votes"}),
    )

    assert events == [
        (5, b'event: change\ndata: {"about":"question","data":{"id":9}}\n\n'),
        (6, b'event: change\ndata: {"about":"votes","data":{"1":{"yes":2,"no":0},"2":5}}\n\n'),
    ]
    assert over({"a": {"b": 1}}, {"a": 2}) == {"a": 2}


def test_the_loader_tells_what_is_shown_and_what_came(said: None) -> None:
    assert show("unknown:1") is None
    first = show("said:1")
    announce("said:1", "x", {})
    announce("said:1", "y", {})
    second, came = show("said:1"), news("said:1", 1)

    assert first is not None
    assert second is not None
    assert came is not None
    assert (first.number, first.data) == (0, b'{"count":0}')
    assert (second.number, second.data, second.epoch) == (2, b'{"count":2}', first.epoch)
    assert (came.number, [number for number, _ in came.events], came.whole) == (2, [2], True)


def test_a_gap_is_told(said: None) -> None:
    for _ in range(3):
        announce("said:1", "x", {})
    Change.objects.filter(number=2).delete()

    came = news("said:1", 0)

    assert came is not None
    assert not came.whole


def test_one_look_answers_for_all_channels(said: None, count_queries: Callable[..., Any]) -> None:
    for number in range(5):
        announce(f"said:{number}", "x", {})

    with count_queries() as counted:
        looked = look({f"said:{number}": {0, 5, 7} for number in range(5)} | {"gone:1": {0}})

    assert len(counted) == 1
    one = looked["said:3"]
    assert one is not None
    assert (one.number, one.may) == (1, {0, 7})
    assert looked["gone:1"] is None
