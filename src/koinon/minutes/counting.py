"""The figures of a report, counted from the record of the room; a number of people below five is not told.

What is counted: questions with their wordings (a wording is a question of somebody too), what was shared, votes, and who
took part by kind of body and country as told at registration. Of two lines that together with a sum would give away a
third, both are folded (questions/register.py does the same for cases).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from koinon.agenda.models import Registration
from koinon.questions.register import LEAST
from koinon.room.models import Contribution, Poll, Room

State = Contribution.State


@dataclass(frozen=True)
class Figures:
    """What is told of an hour in numbers. `attended` and `most_people` are None where fewer than five."""

    asked: int
    languages: int
    live: int
    written: int
    carried: int
    held_back: int
    withdrawn: int
    shared: int
    votes: int
    most_people: int | None
    attended: int | None
    kinds: dict[str, int]
    countries: dict[str, int]
    polls: list[dict[str, Any]]

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Figures":
        return cls(**kept)


def count(room: Room) -> dict[str, Any]:
    """Everything a report tells in numbers, as it is kept with it."""
    rows = list(room.contributions.select_related("merged_into"))
    questions = [row for row in rows if row.kind == Contribution.Kind.QUESTION]
    ends = [_end(row) for row in questions]
    attended = list(
        Registration.objects.filter(session=room.session, attended_at__isnull=False).select_related("place")
    )
    people = len(attended)
    return {
        "asked": len(questions),
        "languages": len({row.language for row in questions}),
        "live": ends.count("live"),
        "written": ends.count("written"),
        "carried": ends.count("carried"),
        "held_back": ends.count("held_back"),
        "withdrawn": ends.count("withdrawn"),
        "shared": sum(
            row.kind != Contribution.Kind.QUESTION and row.state in Contribution.SHOWN for row in rows
        ),
        "votes": sum(row.votes for row in rows if row.state in Contribution.SHOWN),
        "most_people": room.most_people if room.most_people >= LEAST else None,
        "attended": people if people >= LEAST else None,
        "kinds": folded(Counter(row.body_kind for row in attended if row.body_kind), people),
        "countries": folded(Counter(row.place.country for row in attended if row.place), people),
        "polls": [_poll(poll) for poll in room.polls.exclude(state=Poll.State.DRAFT)],
    }


def _end(row: Contribution) -> str:
    """What became of a question; of a wording, what became of the one it was merged into."""
    seen = set()
    while row.state == State.MERGED and row.merged_into is not None and row.pk not in seen:
        seen.add(row.pk)
        row = row.merged_into
    if row.state == State.ANSWERED:
        return "live" if row.answered_live else "written"
    return {State.DECLINED: "held_back", State.WITHDRAWN: "withdrawn"}.get(State(row.state), "carried")


def folded(groups: Mapping[str, int], people: int) -> dict[str, int]:
    """Groups of at least five; the rest together as `others`, and with the next smallest where these are fewer than five.

    `people` is everybody who took part: who told nothing is among the others, so that no difference tells a small group.

    >>> folded({"city": 7, "ngo": 2}, 12)
    {'city': 7, 'others': 5}
    >>> folded({"city": 7, "ngo": 2}, 9)
    {'others': 9}
    >>> folded({"city": 3}, 3)
    {}
    """
    if people < LEAST:
        return {}
    shown = {name: number for name, number in groups.items() if number >= LEAST}
    others = people - sum(shown.values())
    for name in sorted(shown, key=lambda name: (shown[name], name)):
        if not 0 < others < LEAST:
            break
        others += shown.pop(name)
    ordered = dict(sorted(shown.items(), key=lambda item: (-item[1], item[0])))
    return ordered | ({"others": others} if others else {})


def _poll(poll: Poll) -> dict[str, Any]:
    """A poll with its totals; none are told where fewer than five answered."""
    ballots = list(poll.ballots.filter(hidden=False))
    told: list[Any] = []
    if len(ballots) >= LEAST and poll.kind != Poll.Kind.WORDS:
        chosen = Counter(choice for ballot in ballots for choice in ballot.choices)
        told = [
            [name, chosen[number]] for number, name in enumerate(poll.options or ["1", "2", "3", "4", "5"])
        ]
    return {"text": poll.text, "language": poll.language, "answers": len(ballots), "results": told}
