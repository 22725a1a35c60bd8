"""Rows N1 to N4 and N9: news published and as drafts, one's own follows, newsletters before and after they were sent."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.network.models import Organisation
from koinon.news.models import Follower, Item, ItemText, Letter
from koinon.news.testing import code_of, make_follower
from tests.matrix.probing import Probe, Trial

ONE = ("own",)
TITLE = "Of the matrix"
WORDS = {"language": "en", "title": TITLE}
# A private page: one holds its code, or another's.
HELD = ("holder",)


def _tenant(trial: Trial) -> Organisation:
    return trial.tenant


def _item(trial: Trial, state: str) -> Item:
    def make() -> Item:
        return Item.objects.create(
            slug=f"matrix-{Item.objects.count()}",
            organisation=_tenant(trial),
            state=state,
            language="en",
            title=TITLE,
            published_at=timezone.now() if state == "published" else None,
        )

    made: Item = trial.made(make)
    return made


def _draft(trial: Trial) -> Item:
    return _item(trial, "draft")


def _public(trial: Trial) -> Item:
    return _item(trial, "published")


def _no_item(trial: Trial) -> None:
    Item.objects.filter(title=TITLE).delete()


def _letter(trial: Trial, state: str) -> Letter:
    def make() -> Letter:
        released = timezone.now() if state in {"sent", "sending"} else None
        return Letter.objects.create(
            organisation=_tenant(trial),
            state=state,
            language="en",
            title=TITLE,
            text="Words",
            released_at=released,
        )

    made: Letter = trial.made(make)
    return made


def _no_letter(trial: Trial) -> None:
    Letter.objects.filter(title=TITLE).delete()


def _written(trial: Trial) -> Letter:
    return _letter(trial, "draft")


def _ready(trial: Trial) -> Letter:
    return _letter(trial, "ready")


def _sent(trial: Trial) -> Letter:
    return _letter(trial, "sent")


def _get(name: str, make: Callable[[Trial], Any], key: str) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"news:{name}", getattr(make(trial), key))


def _post(
    name: str, make: Callable[[Trial], Any], key: str, /, **sent: Any
) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"news:{name}", getattr(make(trial), key), **sent)


def _follower(trial: Trial) -> Follower:
    made: Follower = trial.made(lambda: make_follower("", ("place", "MT")))
    return made


def _held(name: str, *, post: bool = False, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        code = code_of(_follower(trial))
        return trial.post(f"news:{name}", code, **sent) if post else trial.get(f"news:{name}", code)

    return do


def _thing(name: str) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        follower = _follower(trial)
        follow = follower.follows.first()
        return trial.post(f"news:{name}", code_of(follower), follow.pk if follow else 0)

    return do


def _follow(trial: Trial) -> HttpResponse:
    address = "/news/follow/?place=MT"
    return trial.client.post(address, {"email": "a@matrix.example", "rhythm": "weekly"})  # type: ignore[return-value]


def _feed(trial: Trial) -> HttpResponse:
    return trial.client.get("/news/feed.atom?kind=place&key=MT")  # type: ignore[return-value]


def _translate(trial: Trial) -> HttpResponse:
    item = _public(trial)
    ItemText.objects.filter(item=item).delete()
    return trial.post("news:translate", item.slug, language="mt", title=TITLE, of="1")


PROBES = [
    Probe("N1", "R", "list", lambda trial: trial.get("news:list"), ("news:list",), ONE),
    Probe("N1", "R", "api", lambda trial: trial.ask_api("api:news"), ("api:news",), ONE),
    Probe("N1", "R", "feed", _feed, ("news:feed",), ONE),
    Probe("N1", "R", "item", _get("item", _public, "slug"), ("news:item",)),
    Probe(
        "N1",
        "U",
        "correct",
        _post("edit", _public, "slug", **WORDS, version="1", correction="A letter."),
        ("news:edit",),
        journals=True,
    ),
    Probe("N1", "U", "translate", _translate, ("news:translate",), journals=True),
    Probe(
        "N1",
        "D",
        "withdraw",
        _post("withdraw", _public, "slug", because="So."),
        ("news:withdraw",),
        journals=True,
    ),
    Probe("N2", "R", "draft", _get("item", _draft, "slug"), ("news:item",), without=_no_item),
    Probe("N2", "R", "mine", lambda trial: trial.get("news:mine"), ("news:mine",), ONE, without=_no_item),
    Probe(
        "N2",
        "C",
        "new",
        lambda trial: trial.post("news:new", organisation=_tenant(trial).pk, **WORDS),
        ("news:new",),
        journals=True,
    ),
    Probe(
        "N2",
        "U",
        "edit",
        _post("edit", _draft, "slug", **WORDS, version="1"),
        ("news:edit",),
        journals=True,
        without=_no_item,
    ),
    Probe(
        "N2",
        "P",
        "publish",
        _post("publish", _draft, "slug", version="1"),
        ("news:publish",),
        journals=True,
        without=_no_item,
    ),
    Probe(
        "N2",
        "D",
        "delete",
        _post("delete", _draft, "slug"),
        ("news:delete",),
        journals=True,
        without=_no_item,
    ),
    Probe("N3", "C", "follow", _follow, ("news:follow",), ONE),
    Probe(
        "N3",
        "C",
        "api",
        lambda trial: trial.tell_api("api:follows", email="a@matrix.example", kind="place", key="MT"),
        ("api:follows",),
        ONE,
    ),
    Probe("N3", "R", "page", _held("follows_mine"), ("news:follows_mine",), HELD),
    Probe("N3", "U", "confirm", _held("follows_confirm", post=True), ("news:follows_confirm",), HELD),
    Probe(
        "N3",
        "U",
        "change",
        _held("follows_change", post=True, rhythm="daily"),
        ("news:follows_change",),
        HELD,
    ),
    Probe("N3", "U", "refine", _thing("follows_refine"), ("news:follows_refine",), HELD),
    Probe("N3", "D", "drop", _thing("follows_drop"), ("news:follows_drop",), HELD),
    Probe("N3", "D", "stop", _held("follows_stop", post=True), ("news:follows_stop",), HELD),
    Probe("N3", "D", "refuse", _held("follows_refuse", post=True), ("news:follows_refuse",), HELD),
    Probe("N4", "R", "draft", _get("letter", _written, "pk"), ("news:letter",), without=_no_letter),
    Probe(
        "N4",
        "R",
        "mine",
        lambda trial: trial.get("news:letters_mine"),
        ("news:letters_mine",),
        ONE,
        without=_no_letter,
    ),
    Probe(
        "N4",
        "C",
        "new",
        lambda trial: trial.post(
            "news:letter_new", organisation=_tenant(trial).pk, **WORDS, text="Some words"
        ),
        ("news:letter_new",),
        journals=True,
    ),
    Probe(
        "N4",
        "U",
        "edit",
        _post("letter_edit", _written, "pk", **WORDS, text="Some words", version="1"),
        ("news:letter_edit",),
        journals=True,
        without=_no_letter,
    ),
    Probe(
        "N4",
        "U",
        "ready",
        _post("letter_ready", _written, "pk", version="1"),
        ("news:letter_ready",),
        journals=True,
        without=_no_letter,
    ),
    Probe("N4", "U", "test", _post("letter_test", _written, "pk"), ("news:letter_test",), without=_no_letter),
    Probe(
        "N4",
        "P",
        "release",
        _post("letter_release", _ready, "pk", version="1"),
        ("news:letter_release",),
        journals=True,
        without=_no_letter,
    ),
    Probe(
        "N4",
        "P",
        "release, late",
        _post("letter_release", _ready, "pk", version="99"),
        ("news:letter_release",),
        without=_no_letter,
    ),
    Probe(
        "N4",
        "D",
        "stop",
        _post("letter_stop", _written, "pk"),
        ("news:letter_stop",),
        journals=True,
        without=_no_letter,
    ),
    Probe("N9", "R", "archive", lambda trial: trial.get("news:letters"), ("news:letters",), ONE),
    Probe("N9", "R", "letter", _get("letter", _sent, "pk"), ("news:letter",)),
]
ROWS_OF_ADDRESS = {
    "news:item": {"N1", "N2"},
    "news:edit": {"N1", "N2"},
    "news:letter": {"N4", "N9"},
}
