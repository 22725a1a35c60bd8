"""What one visitor is shown: the pairs that fit what one offers and needs, with their reasons, and how each stands for one's side.

A fixed number of queries, whatever the number of entries. Nothing here depends on whether the other side said no.
"""

from dataclasses import dataclass

from koinon.base.visitor import Visitor
from koinon.network.models import Role
from koinon.peers import matching
from koinon.peers.actions.answering import Standing, standing
from koinon.peers.models import Entry, Match
from koinon.peers.models.entries import SEEKERS
from koinon.peers.permissions import speaks_for
from koinon.peers.reasons import Reason, facts_of, may_fit, reasons, score

SHOWN = 5
"""New pairs for one entry on the page of matches."""
_SPARE = 1


@dataclass(frozen=True)
class Pair:
    """One's own entry and another that fits it: why, and how it stands as one's own side may know it."""

    own: Entry
    there: Entry
    reasons: tuple[Reason, ...]
    standing: Standing
    score: int = 0


def pairs_of(visitor: Visitor, *, own: Entry | None = None, most: int = SHOWN) -> list[Pair]:
    """All pairs for what a visitor offers and needs (or for one entry of it), the best first for each entry.

    Those that somebody answered, or is asked about, are all there; of the others at most so many for each entry.
    """
    rows = Entry.objects.of(visitor).open().with_owners().newest_first()
    mine = {row.pk: row for row in (rows.filter(pk=own.pk) if own is not None else rows[:100])}
    answered = _answers(mine)
    apart = _apart(mine, answered)
    pairs, short = _shown(visitor, mine, answered, apart, most=most, looked_at=most + _SPARE)
    if short:
        # Several of the best are not to be seen by this visitor: look further.
        pairs, _still = _shown(visitor, mine, answered, apart, most=most, looked_at=matching.MOST)
    return pairs


def _apart(mine: dict[int, Entry], answered: dict[tuple[int, int], Match]) -> dict[int, set[int]]:
    """Entry → those of which its side has said something, or is asked. What the other side said does not count."""
    apart: dict[int, set[int]] = {}
    for pair, match in answered.items():
        for pk, there in (pair, pair[::-1]):
            if pk in mine:
                stands = standing(match, mine[pk])
                if stands.answer or stands.is_asked:
                    apart.setdefault(pk, set()).add(there)
    return apart


def _shown(
    visitor: Visitor,
    mine: dict[int, Entry],
    answered: dict[tuple[int, int], Match],
    apart: dict[int, set[int]],
    *,
    most: int,
    looked_at: int,
) -> tuple[list[Pair], bool]:
    fits = matching.fitting(mine, most=looked_at, apart=apart)
    wanted = {found.pk for near in fits.values() for found in near}
    seen = Entry.objects.seen_by(visitor).open().filter(pk__in=wanted).with_owners().in_bulk()
    colleagues = _colleagues(mine, seen)
    pairs, short = [], False
    for pk, near in fits.items():
        shown, aside = 0, apart.get(pk, set())
        for found in near:
            there = seen.get(found.pk)
            if (
                there is None
                or speaks_for(visitor, there)
                or (there.person_id, mine[pk].organisation_id) in colleagues
            ):
                continue
            if found.pk not in aside:
                if shown >= most:
                    continue
                shown += 1
            stands = standing(answered.get((min(pk, found.pk), max(pk, found.pk))), mine[pk])
            pairs.append(Pair(mine[pk], there, found.reasons, stands, found.score))
        short = short or (shown < most and len(near) - len(aside) >= looked_at)
    return pairs, short


def _answers(mine: dict[int, Entry]) -> dict[tuple[int, int], Match]:
    rows = Match.objects.of_entries(mine)
    return {(row.first_id, row.second_id): row for row in rows}


def _colleagues(mine: dict[int, Entry], seen: dict[int, Entry]) -> set[tuple[int | None, int | None]]:
    """Who speaks for a body of one's own: their own offers are no match for it."""
    bodies = {row.organisation_id for row in mine.values() if row.organisation_id is not None}
    people = {row.person_id for row in seen.values() if row.person_id is not None}
    roles = Role.objects.today().filter(person__in=people, organisation__in=bodies, kind__in=SEEKERS)
    return set(roles.values_list("person", "organisation"))


def best_for(visitor: Visitor, there: Entry) -> list[Pair]:
    """What of one's own fits an entry that one looks at, however many others fit it better."""
    theirs = facts_of(there)
    rows = Entry.objects.of(visitor).open().with_owners().newest_first()[:100]
    facts = {row: facts_of(row) for row in rows}
    mine = {row.pk: row for row, own in facts.items() if may_fit(own, theirs)}
    colleagues = _colleagues(mine, {there.pk: there})
    answered = _answers(mine)
    pairs = [
        Pair(
            row,
            there,
            reasons(facts[row], theirs),
            standing(answered.get((min(row.pk, there.pk), max(row.pk, there.pk))), row),
            score(facts[row], theirs),
        )
        for row in mine.values()
        if (there.person_id, row.organisation_id) not in colleagues
    ]
    return sorted(pairs, key=lambda pair: -pair.score)
