"""What everybody in a room may see, as data; and telling those who listen. Everything public goes out through here.

The page, the API, the stream and the script read the same shape. What is not built here is not public: contact addresses,
notes, reasons, who asked, what waits for a moderator. Each `tell_…` is called inside the transaction of its deed, and what
it sends is the same object as in the snapshot; `{}` where there is none (nothing on stage, no segment, no prompt).

What goes out to all is in no language of its own: names of places are those of English pages.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import translation
from django.utils.translation import get_language

from koinon.base.languages import DEFAULT, country_name
from koinon.live.actions import News, announce, announce_many
from koinon.room.models import Contribution, Poll, Room
from koinon.room.models.contributions import ContributionSet

listening: list[Callable[[str], int]] = []
"""Who knows how many listen on a channel now (the hub of this process); asked by `people`."""

MOST_WORDS = 60
"""Words of an open poll that are shown, the most frequent first."""


def snapshot(room: Room) -> dict[str, Any]:
    """All that everybody who may see this room sees of it now."""
    with translation.override(DEFAULT):
        return here(room)


def here(room: Room) -> dict[str, Any]:
    """The same for one page: names of places in the language that is spoken now."""
    rows = list(with_public_parts(room).most_wanted_first())
    return {
        "room": about_room(room),
        "segments": segments(room),
        "segment": segment(room),
        "stage": stage(room),
        "questions": [item(row) for row in rows],
        "polls": [poll(row) for row in room.polls.exclude(state=Poll.State.DRAFT)],
        "people": people(room, rows),
        "prompt": prompt(room),
    }


def with_public_parts(room: Room) -> ContributionSet:
    """What is shown in a room, with all that an `item` needs, at a fixed number of queries."""
    return (
        Contribution.objects.filter(room=room)
        .shown()
        .select_related("place", "carry_to", "question", "question__desk")
        .prefetch_related("wordings__place")
    )


def about_room(room: Room) -> dict[str, Any]:
    session = room.session
    return {
        "code": session.code,
        "title": session.title,
        "state": room.state,
        "holds": room.holds,
        "takes_questions": room.takes_questions,
        "rehearsal": room.rehearsal,
        "votes_need_account": session.votes_need_account,
    }


def segments(room: Room) -> list[dict[str, Any]]:
    return [
        {"id": row.pk, "title": row.title, "minutes": row.minutes, "kind": row.kind}
        for row in room.session.segments.all()
    ]


def segment(room: Room) -> dict[str, Any] | None:
    """Which part of the hour it is, and since when."""
    if room.segment_id is None:
        return None
    return {"id": room.segment_id, "since": _iso(room.segment_since)}


def stage(room: Room) -> dict[str, Any] | None:
    """What is on stage; nothing that is not shown can be there."""
    on_stage = room.stage
    if on_stage is None or on_stage.state not in Contribution.SHOWN:
        return None
    return {
        "id": on_stage.pk,
        "since": _iso(room.stage_since),
        "seconds": room.stage_seconds,
        "answering": room.answering,
    }


def item(row: Contribution) -> dict[str, Any]:
    """One contribution that is shown. The name is there only where its author chose to be named."""
    answered = bool(row.answer) or row.answered_live
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "lang": row.language,
        "place": _place(row),
        "name": row.name,
        "votes": row.votes,
        "state": row.state,
        "position": row.position,
        "at": _iso(row.at),
        "answer": {
            "text": row.answer,
            "lang": row.answer_language,
            "live": row.answered_live,
            "by": row.answered_by,
        }
        if answered
        else None,
        "wordings": [
            {"text": other.text, "lang": other.language, "place": _place(other)}
            for other in sorted(row.wordings.all(), key=lambda other: other.pk)
            if other.state == Contribution.State.MERGED
        ],
        "desk": _desk(row),
    }


def poll(row: Poll) -> dict[str, Any]:
    """One poll that is open or closed; only totals."""
    answers = list(row.ballots.values_list("choices", "words", "hidden").annotate(Count("pk")))
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "lang": row.language,
        "options": list(row.options),
        "state": row.state,
        "closes": _iso(row.closes_at) if row.state == Poll.State.OPEN else None,
        "answers": sum(answer[3] for answer in answers),
        "results": results(row, answers) if row.shows_results or row.state == Poll.State.CLOSED else None,
    }


def results(
    row: Poll, answers: Iterable[tuple[list[int], str, bool, int]]
) -> list[int] | dict[str, list[str]]:
    """How often each option was chosen (of a scale: each value from 1 to 5); of open words those that were not taken off.

    `answers` are (choices, words, hidden, how many gave just these)."""
    if row.kind == Poll.Kind.WORDS:
        first: dict[str, str] = {}
        counted: Counter[str] = Counter()
        for _choices, words, hidden, times in answers:
            if words and not hidden:
                first.setdefault(words.casefold(), words)
                counted[words.casefold()] += times
        return {"words": [first[word] for word, _times in counted.most_common(MOST_WORDS)]}
    chosen: Counter[int] = Counter()
    for choices, _words, _hidden, times in answers:
        for choice in choices:
            chosen[choice] += times
    if row.kind == Poll.Kind.SCALE:
        return [chosen[value] for value in range(1, 6)]
    return [chosen[number] for number in range(len(row.options))]


def people(room: Room, rows: Iterable[Contribution] | None = None) -> dict[str, int]:
    """How many listen, and how many said something that is shown."""
    shown = room.contributions.shown() if rows is None else rows
    asked = {row.voice or f"#{row.pk}" for row in shown}
    return {"listening": sum(count(room.channel) for count in listening), "asked": len(asked)}


def prompt(room: Room) -> dict[str, Any] | None:
    """A word of the moderator to the audience."""
    return {"text": room.prompt, "lang": room.session.language} if room.prompt else None


def tell_question(row: Contribution) -> None:
    """A contribution is shown, or is no more: the new state of it, or that it is gone."""
    if row.state in Contribution.SHOWN:
        with translation.override(DEFAULT):
            announce(row.room.channel, "question", item(row))
    else:
        tell_gone(row)


def tell_questions(room: Room, rows: Sequence[Contribution]) -> None:
    """As `tell_question`, for several that are shown: what came in at one moment."""
    with translation.override(DEFAULT):
        announce_many(room.channel, [News("question", item(row)) for row in rows])


def tell_gone(row: Contribution) -> None:
    """It is not shown any more (merged, held back, withdrawn); nothing of it goes out but its number."""
    announce(row.room.channel, "question", {"id": row.pk, "gone": True})


def tell_votes(room: Room, totals: Mapping[int, int]) -> None:
    """New totals, by contribution. One change for as many as there are; the caller gives only what is shown."""
    if totals:
        announce(room.channel, "votes", {str(pk): total for pk, total in totals.items()})


def tell_stage(room: Room) -> None:
    """Something else is on stage, or nothing."""
    announce(room.channel, "stage", stage(room) or {}, at_once=True)


def tell_segment(room: Room) -> None:
    announce(room.channel, "segment", segment(room) or {}, at_once=True)


def tell_poll(row: Poll) -> None:
    """A poll with its totals; one that is only being prepared is no business of the audience (`{"gone": true}`)."""
    gone = row.state == Poll.State.DRAFT
    announce(row.room.channel, "poll", {"id": row.pk, "gone": True} if gone else poll(row), at_once=True)


def tell_results(row: Poll) -> None:
    """New totals of a poll that is open: they may wait for the next frame."""
    announce(row.room.channel, "poll", poll(row))


def tell_room(room: Room) -> None:
    announce(room.channel, "room", about_room(room), at_once=True)


def tell_prompt(room: Room) -> None:
    announce(room.channel, "prompt", prompt(room) or {}, at_once=True)


def tell_people(room: Room) -> None:
    announce(room.channel, "people", people(room))


def _place(row: Contribution) -> str:
    """Its name and its country, as one says where one is from."""
    place = row.place
    if place is None:
        return ""
    name = place.display_name()
    country = country_name(place.country, get_language() or DEFAULT) if place.country else ""
    return name if country in {"", name} or place.code == "EU" else f"{name}, {country}"


def _desk(row: Contribution) -> dict[str, Any] | None:
    """Who answers it afterwards and by when; of a question at a desk what its owner promises."""
    if row.question is not None and row.question.desk is not None:
        return {"name": row.question.desk.name, "due": row.question.due.isoformat()}
    if row.carry_to is not None:
        return {"name": row.carry_to.name, "due": None}
    return None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None
