"""Rows E11 (a published peer review, study visit, mentoring pair) and E12 (its draft and its inner papers)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.network.models import Organisation
from koinon.peers import listing
from koinon.peers.models import Exchange, PeerReview
from koinon.peers.reviews.actions import applying, writing
from koinon.peers.reviews.models import Application, Item, Recommendation
from koinon.peers.reviews.testing import (
    make_application,
    make_draft,
    make_past_review,
    make_recommendation,
    make_review,
)
from tests.matrix.probes_peers import MINE, ONE, WORDS, _body
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import PERSONAL

WITHDRAWERS = frozenset({"CMG", "INNO", "MA"})
_ITEM = {
    "begins": "09:00",
    "ends": "10:00",
    "title": "Who we are",
    "who": "",
    "edits": "1",
    "nonce": "12345678",
}


def _public(trial: Trial) -> PeerReview:
    made: PeerReview = trial.made(lambda: make_review(_body(trial)))
    return made


def _draft(trial: Trial) -> PeerReview:
    made: PeerReview = trial.made(lambda: make_draft(_body(trial)))
    return made


def _past(trial: Trial) -> PeerReview:
    made: PeerReview = trial.made(lambda: make_past_review(_body(trial)))
    return made


def _elsewhere(trial: Trial) -> PeerReview:
    """Of a body where no actor holds a role, so that everybody may apply."""
    made: PeerReview = trial.made(lambda: make_review(_outside(trial)))
    return made


def _outside(trial: Trial) -> Organisation:
    return trial.world.tenants["foreign"]


def _application(trial: Trial, answer: str = "accepted") -> Application:
    """The actor's own, or somebody else's, for what another body hosts."""
    made: Application = trial.made(
        lambda: make_application(make_review(_outside(trial)), person=trial.somebody, answer=answer)
    )
    return made


def _to_the_body(trial: Trial) -> Application:
    """Somebody who holds no role applied for what the tenant hosts."""
    made: Application = trial.made(
        lambda: make_application(make_review(_body(trial)), organisation=_neighbour(trial))
    )
    return made


def _neighbour(trial: Trial) -> Organisation:
    return next(iter(trial.world.consortia.values()))


def _item(trial: Trial) -> Item:
    def make() -> Item:
        review = make_review(_body(trial))
        return review.agenda.create(nonce="12345678", day=review.first_day, begins="09:00", title="Coffee")

    made: Item = trial.made(make)
    return made


def _row(trial: Trial) -> Recommendation:
    made: Recommendation = trial.made(lambda: make_recommendation(make_past_review(_body(trial))))
    return made


def _form(body: Organisation | None) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=40)
    sent = {
        "title": "Of the matrix",
        "question": "Why?",
        "topics": "homelessness",
        "terms": "Each pays its own.",
        "first_day": day.isoformat(),
        "last_day": day.isoformat(),
        "wanted": "2",
        "call_until": (day - timedelta(days=10)).isoformat(),
        "language": "en",
    }
    return sent | ({"host": str(body.pk)} if body is not None else {"version": "1"})


def _words(trial: Trial) -> writing.Words:
    day = timezone.localdate() + timedelta(days=40)
    return writing.Words("en", "Of the matrix", "Why?", "Each its own.", day, day, day)


def _new(trial: Trial) -> HttpResponse:
    return trial.post("peers:new_review", "visit", **_form(_body(trial)))


def _new_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(lambda: writing.draft(_body(trial), by=trial.visitor, kind="visit", words=_words(trial)))


def _apply(trial: Trial) -> HttpResponse:
    sent = {"reason": "We have the same door.", "language": "en", "terms_version": "1"}
    return trial.post("peers:apply_review", _elsewhere(trial).code, **sent)


def _apply_by_the_action(trial: Trial) -> HttpResponse:
    review = _elsewhere(trial)
    return trial.act(
        lambda: applying.apply(
            review,
            by=trial.visitor,
            organisation=None,
            reason="We have the same door.",
            language="en",
            named=False,
            terms_version=1,
        )
    )


def _see(view: str, make: Callable[[Trial], PeerReview]) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"peers:{view}", make(trial).code)


def _do(view: str, make: Callable[[Trial], PeerReview], /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"peers:{view}", make(trial).code, **sent)


def _part(view: str, make: Callable[[Trial], Any], /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        one = make(trial)
        name, args = f"peers:{view}", (one.review.code, one.pk)
        return trial.post(name, *args, **sent) if sent else trial.get(name, *args)

    return do


def _papers(trial: Trial) -> HttpResponse:
    return trial.get("peers:review_papers", _application(trial).review.code)


def _put_on_agenda(trial: Trial) -> HttpResponse:
    review = _public(trial)
    return trial.post("peers:review_agenda", review.code, day=review.first_day.isoformat(), **_ITEM)


def _move(trial: Trial) -> HttpResponse:
    item = _item(trial)
    sent = {"day": item.day.isoformat()} | _ITEM
    return trial.post("peers:review_item", item.review.code, item.pk, **sent)


def _recommend(trial: Trial) -> HttpResponse:
    return trial.post("peers:review_recommendations", _past(trial).code, **_recommended())


def _recommended() -> dict[str, str]:
    return {
        "text": "Call the next day.",
        "owner": "",
        "due": (timezone.localdate() + timedelta(days=30)).isoformat(),
        "progress": "doing",
        "why": "",
        "edits": "1",
        "nonce": "12345678",
    }


def _list(name: str) -> Callable[[Trial], HttpResponse]:
    """The list: whoever may not see a review does not find it there."""

    def do(trial: Trial) -> HttpResponse:
        review = _public(trial)
        listing.forget()
        answer = trial.get(name) if name.startswith("peers:") else trial.ask_api(name)
        return answer if review.code in answer.content.decode() else HttpResponse(status=403)

    return do


def _gone(trial: Trial) -> None:
    Exchange.objects.all().delete()
    PeerReview.objects.all().delete()


def _p(
    row: str, right: str, name: str, do: Callable[[Trial], HttpResponse], view: str = "", **more: Any
) -> Probe:
    return Probe(row, right, name, do, **({"views": (f"peers:{view}",) if view else ()} | more))


def _inner(right: str, name: str, do: Callable[[Trial], HttpResponse], view: str = "", **more: Any) -> Probe:
    return _p("E12", right, name, do, view, **({"without": _gone} | more))


PROBES = [
    # E11: published, for everybody.
    _p("E11", "R", "list", _list("peers:reviews"), "reviews", relations=ONE),
    Probe("E11", "R", "API", _list("api:peer_reviews"), ("api:peer_reviews",), ONE),
    _p("E11", "R", "page", _see("review", _public), "review"),
    _p("E11", "U", "form", _see("edit_review", _public), "edit_review"),
    _p(
        "E11",
        "U",
        "edit",
        lambda t: t.post("peers:edit_review", _public(t).code, **_form(None)),
        "edit_review",
        journals=True,
    ),
    _p("E11", "U", "agenda, form", _see("review_agenda", _public), "review_agenda"),
    _p("E11", "U", "agenda", _put_on_agenda, "review_agenda", journals=True),
    _p("E11", "U", "item, form", _part("review_item", _item), "review_item"),
    _p("E11", "U", "item", _move, "review_item", journals=True),
    _p("E11", "U", "item, off", _part("review_item", _item, do="remove"), "review_item", journals=True),
    _p("E11", "U", "recommendations, form", _see("review_recommendations", _past), "review_recommendations"),
    _p("E11", "U", "recommend", _recommend, "review_recommendations", journals=True),
    _p("E11", "U", "recommendation, form", _part("review_recommendation", _row), "review_recommendation"),
    _p(
        "E11",
        "U",
        "recommendation",
        lambda t: _part("review_recommendation", _row, **_recommended())(t),
        "review_recommendation",
        journals=True,
    ),
    _p(
        "E11",
        "U",
        "show",
        _do("show_recommendations", _past, show="yes"),
        "show_recommendations",
        journals=True,
    ),
    _p("E11", "U", "follow-up, form", _see("review_follow_up", _past), "review_follow_up"),
    _p(
        "E11",
        "U",
        "follow-up",
        _do("review_follow_up", _past, words="Much.", version="1"),
        "review_follow_up",
        journals=True,
    ),
    _p("E11", "D", "form", _see("cancel_review", _public), "cancel_review"),
    _p("E11", "D", "call off", _do("cancel_review", _public, **WORDS), "cancel_review", journals=True),
    _p("E11", "M", "form", _see("take_down_review", _public), "take_down_review"),
    _p(
        "E11", "M", "take down", _do("take_down_review", _public, **WORDS), "take_down_review", journals=True
    ),
    # E12: a draft, who applied, the inner papers. That there is a draft is nobody else's business.
    _inner(
        "R",
        "mine",
        lambda t: t.get("peers:reviews_mine"),
        "reviews_mine",
        relations=MINE,
        behind="E11",
        without=None,
    ),
    _inner("R", "draft", _see("review", _draft), "review"),
    _inner("R", "papers", _papers, "review_papers", relations=PERSONAL),
    _inner("R", "papers of a draft", _see("review_papers", _draft), "review_papers"),
    _inner("R", "applications", _see("review_applications", _public), "review_applications"),
    _inner("C", "form", lambda t: t.get("peers:new_review", "visit"), "new_review",
           relations=("own",), behind="E11", without=None),
    _inner("C", "draft", _new, "new_review", journals=True, behind="E11", without=None),
    _inner("C", "draft, the action", _new_by_the_action, journals=True, behind="E11", without=None),
    _inner("C", "apply, form", _see("apply_review", _elsewhere), "apply_review", relations=MINE,
           behind="E11", without=None),
    _inner("C", "apply", _apply, "apply_review", relations=MINE, journals=True, behind="E11", without=None),
    _inner("C", "apply, the action", _apply_by_the_action, relations=MINE, journals=True, behind="E11",
           without=None),
    _inner("U", "draft, form", _see("edit_review", _draft), "edit_review"),
    _inner(
        "U",
        "draft",
        lambda t: t.post("peers:edit_review", _draft(t).code, **_form(None)),
        "edit_review",
        journals=True,
    ),
    _inner(
        "U",
        "answer",
        _part("answer_application", _to_the_body, decision="accept", words="Come."),
        "answer_application",
        journals=True,
    ),
    _inner(
        "U",
        "named",
        _part("name_application", _application, named="yes"),
        "name_application",
        relations=PERSONAL,
        journals=True,
    ),
    _inner("P", "publish", _do("publish_review", _draft), "publish_review", journals=True),
    _inner("D", "form", _see("delete_review", _draft), "delete_review"),
    _inner("D", "delete", _do("delete_review", _draft, sure="yes"), "delete_review", journals=True),
    _inner(
        "D",
        "withdraw",
        _part("withdraw_application", _application, sure="yes"),
        "withdraw_application",
        relations=PERSONAL,
        journals=True,
    ),
]  # fmt: skip

ROWS_OF_ADDRESS = {
    "peers:review": {"E11", "E12"},
    "peers:edit_review": {"E11", "E12"},
}
