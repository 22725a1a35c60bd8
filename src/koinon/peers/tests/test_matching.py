"""The matching: reasons are true, the same from either side, in one order, and follow each change."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from koinon.network.models import Organisation
from koinon.network.testing import make_organisation, make_visitor
from koinon.peers import matching, suggestions
from koinon.peers.actions import entries
from koinon.peers.models import Entry
from koinon.peers.reasons import Reason, facts_of, may_fit, reasons, score
from koinon.peers.testing import make_entry
from koinon.peers.words import Format, Kind
from koinon.people.testing import make_person
from koinon.places.models import Place

pytestmark = pytest.mark.django_db
TOPICS = ["homelessness", "youth", "evaluation", "co-creation", "neet"]


def many(number: int, seed: int = 7) -> list[Entry]:
    """Offers, needs and searches by lot, of some bodies and persons, in some places."""
    lot = random.Random(seed)
    bodies = [make_organisation(country=lot.choice(["IT", "BE", "FI", ""])) for _ in range(6)]
    people = [make_person() for _ in range(4)]
    places = [*Place.objects.filter(pk__in=["IT", "BE", "ITH5", "3181928"]), None]
    today = timezone.localdate()
    made = []
    for _ in range(number):
        kind = lot.choice([Kind.OFFER, Kind.NEED, Kind.PARTNERS])
        is_person = lot.random() < 0.3
        made.append(
            make_entry(
                kind,
                organisation=None if is_person else lot.choice(bodies),
                person=lot.choice(people) if is_person else None,
                place=lot.choice(places),
                topics=lot.sample(TOPICS, lot.randint(1, 3)),
                formats=lot.sample(list(Format.values), lot.randint(0, 3)),
                languages=lot.sample(["en", "fr", "it", "fi"], lot.randint(0, 2)),
                until=lot.choice([None, today + timedelta(days=lot.randint(0, 90))])
                if kind != Kind.PARTNERS
                else today + timedelta(days=30),
                **({"call_key": lot.choice(["call:a", "call:b"])} if kind == Kind.PARTNERS else {}),
            )
        )
    return made


def holds(reason: Reason, one: Entry, two: Entry) -> bool:
    """Whether a reason is true, read off the two rows in the database and not off what the matching knows."""
    both = Entry.objects.select_related("place", "organisation").in_bulk([one.pk, two.pk])
    a, b = both[one.pk], both[two.pk]
    country = [
        x.place.country if x.place else x.organisation.country if x.organisation else "" for x in (a, b)
    ]
    value = reason.values
    match reason.about:
        case "call":
            return a.call_key == b.call_key != "" and a.kind == b.kind == "partners"
        case "topics":
            return set(value) == set(a.topics) & set(b.topics) != set()
        case "formats":
            return set(value) == set(a.formats) & set(b.formats) != set()
        case "format_open":
            return bool(a.formats) != bool(b.formats) and set(value) == {*a.formats, *b.formats}
        case "no_format":
            return bool(a.formats and b.formats) and not set(a.formats) & set(b.formats)
        case "languages":
            return set(value) == set(a.languages) & set(b.languages) != set()
        case "language_open":
            return bool(a.languages) != bool(b.languages) and set(value) == {*a.languages, *b.languages}
        case "no_language":
            return bool(a.languages and b.languages) and not set(a.languages) & set(b.languages)
        case "place":
            return a.place_id == b.place_id == value[0]
        case "country":
            return country[0] == country[1] == value[0] != ""
        case "abroad":
            return sorted(country) == list(value) and country[0] != country[1] and "" not in country
        case "size":
            assert a.place is not None
            assert b.place is not None
            sizes = sorted([a.place.population, b.place.population])
            return [str(size) for size in sizes] == list(value) and sizes[1] < 2.3 * sizes[0]
        case "time":
            assert a.until is not None
            assert b.until is not None
            return min(a.until, b.until).isoformat() == value[0]
        case "time_open":
            return (a.until is None) != (b.until is None) and value[0] == (a.until or b.until).isoformat()  # type: ignore[union-attr]
    return False


def test_every_reason_is_true_and_can_be_read_off_the_data_again() -> None:
    made = many(60)
    by_pk = {entry.pk: entry for entry in made}
    told = 0

    for pk, near in matching.fitting(by_pk).items():
        for found in near:
            for reason in found.reasons:
                assert holds(reason, by_pk[pk], by_pk[found.pk]), reason
                assert reason.words
                told += 1

    assert told > 200


def test_what_fits_is_all_that_fits_and_the_same_from_either_side() -> None:
    made = many(60)
    rows = Entry.objects.select_related("place", "organisation").in_bulk([one.pk for one in made])
    facts = {pk: facts_of(row) for pk, row in rows.items()}

    near = matching.fitting(facts, most=1000)

    for pk, own in facts.items():
        whole = {
            other
            for other, there in facts.items()
            if other != pk
            and own.owner != there.owner
            and (
                (
                    {own.kind, there.kind} in ({"offer", "need"}, {"offer", "partners"})
                    and own.topics & there.topics
                )
                or (own.kind == there.kind == "partners" and own.call == there.call)
            )
        }
        assert {found.pk for found in near[pk]} == whole
        for found in near[pk]:
            there = facts[found.pk]
            assert (score(own, there), reasons(own, there)) == (score(there, own), reasons(there, own))
            assert may_fit(there, own)


def test_the_order_is_the_same_each_time_and_best_first() -> None:
    made = [entry.pk for entry in many(60)]

    before = matching.fitting(made)
    matching.forget()

    assert matching.fitting(made) == before
    for near in before.values():
        assert [found.score for found in near] == sorted((found.score for found in near), reverse=True)


def test_a_change_is_known_at_once_and_reads_only_what_changed(count_queries: object) -> None:
    centre = make_organisation()
    by = make_visitor("manager", centre)
    need = make_entry(Kind.NEED)
    assert matching.fitting([need.pk]) == {need.pk: []}

    said = entries.Said(kind=Kind.OFFER, language="en", title="An offer", topics=("homelessness",))
    offer = entries.make(said, by=by, organisation=centre)

    with count_queries() as counted:  # type: ignore[operator]
        assert [found.pk for found in matching.fitting([need.pk])[need.pk]] == [offer.pk]
    assert len(counted) == 2
    with count_queries() as counted:  # type: ignore[operator]
        matching.fitting([need.pk])
    assert len(counted) == 1

    other = entries.Said(kind=Kind.OFFER, language="en", title="An offer", topics=("youth",))
    offer = entries.change(offer, by=by, edits=1, said=other)
    assert matching.fitting([need.pk]) == {need.pk: []}
    offer = entries.change(offer, by=by, edits=2, said=said)
    assert len(matching.fitting([need.pk])[need.pk]) == 1
    entries.close(offer, by=by)
    assert matching.fitting([need.pk]) == {need.pk: []}


def test_what_is_over_fits_nothing_from_the_next_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.localdate()
    need = make_entry(Kind.NEED)
    make_entry(Kind.OFFER, until=today)
    assert len(matching.fitting([need.pk])[need.pk]) == 1

    monkeypatch.setattr(timezone, "localdate", lambda *args: today + timedelta(days=1))

    assert matching.fitting([need.pk]) == {need.pk: []}


def test_nobody_is_matched_with_themselves() -> None:
    centre = make_organisation()
    make_entry(Kind.OFFER, organisation=centre)
    need = make_entry(Kind.NEED, organisation=centre)
    colleague = make_visitor("editor", centre)
    make_entry(Kind.OFFER, person=colleague.person)

    assert suggestions.pairs_of(make_visitor("manager", centre)) == []
    assert suggestions.pairs_of(colleague) == []
    assert len(matching.fitting([need.pk])[need.pk]) == 1, "the colleague's own, left out when it is shown"


def test_who_is_blocked_and_what_is_a_draft_is_shown_to_nobody() -> None:
    centre, draft = make_organisation(), make_organisation(published=False)
    visitor = make_visitor("manager", centre)
    make_entry(Kind.NEED, organisation=centre)
    person = make_person()
    make_entry(Kind.OFFER, person=person)
    make_entry(Kind.OFFER, organisation=draft)
    assert [pair.there.person for pair in suggestions.pairs_of(visitor)] == [person]

    person.is_active = False
    person.save()

    assert suggestions.pairs_of(visitor) == []


def test_the_number_of_queries_does_not_grow(count_queries: object) -> None:
    centre = make_organisation()
    visitor = make_visitor("manager", centre)

    def queries() -> int:
        matching.forget()
        with count_queries() as counted:  # type: ignore[operator]
            suggestions.pairs_of(visitor)
        return len(counted)

    make_entry(Kind.NEED, organisation=centre)
    make_entry(Kind.OFFER)
    make_entry(Kind.OFFER, person=make_person())
    one = queries()
    for _ in range(3):
        make_entry(Kind.NEED, organisation=centre)
        make_entry(Kind.OFFER, person=make_person())

    assert queries() == one
    assert Organisation.objects.filter(pk=centre.pk).exists()


def test_of_those_for_one_call_who_shares_more_topics_comes_first() -> None:
    own = make_entry(Kind.PARTNERS, topics=["homelessness", "youth"], formats=["visit"])
    near = make_entry(Kind.PARTNERS, topics=["homelessness", "youth"], formats=["workshop"])
    far = make_entry(Kind.PARTNERS, topics=["neet"], formats=["visit"])

    found = matching.fitting([own.pk])[own.pk]

    assert [one.pk for one in found] == [near.pk, far.pk]
    assert found[0].score > found[1].score


def test_what_a_draft_body_says_fits_as_soon_as_the_body_is_published() -> None:
    draft, centre = make_organisation(published=False), make_organisation()
    visitor = make_visitor("manager", centre)
    make_entry(Kind.NEED, organisation=centre)
    offer = make_entry(Kind.OFFER, organisation=draft)
    matching.forget()
    assert suggestions.pairs_of(visitor) == []

    draft.published = True
    draft.save()

    assert [pair.there for pair in suggestions.pairs_of(visitor)] == [offer]


def test_who_looks_at_an_entry_sees_what_of_the_own_fits_however_many_fit_better() -> None:
    centre = make_organisation()
    visitor = make_visitor("manager", centre)
    offer = make_entry(Kind.OFFER, topics=["homelessness", "youth"])
    for _ in range(matching.MOST):
        make_entry(Kind.NEED, topics=["homelessness", "youth"])
    need = make_entry(Kind.NEED, organisation=centre, topics=["youth"])
    assert need.pk not in {found.pk for found in matching.fitting([offer.pk])[offer.pk]}

    [pair] = suggestions.best_for(visitor, offer)

    assert pair.own == need
    assert (pair.score, next(reason.about for reason in pair.reasons)) == (
        score(facts_of(need), facts_of(offer)),
        "topics",
    )


def test_beside_an_entry_stand_those_of_ones_own_that_fit_it_best_and_none_for_a_colleagues() -> None:
    centre = make_organisation()
    visitor, colleague = make_visitor("editor", centre), make_visitor("editor", centre)
    topics = ["homelessness", "youth", "evaluation"]
    less = make_entry(Kind.NEED, organisation=centre, topics=topics[:1], formats=[], languages=[])
    best = make_entry(Kind.NEED, organisation=centre, topics=topics, formats=["visit"], languages=["en"])
    some = make_entry(Kind.NEED, organisation=centre, topics=topics[:2], formats=[], languages=["en"])
    theirs = make_entry(Kind.OFFER, topics=topics, formats=["visit"], languages=["en"])
    own = make_entry(Kind.OFFER, person=colleague.person, topics=topics)

    pairs = suggestions.best_for(visitor, theirs)

    assert [pair.own.pk for pair in pairs] == [best.pk, some.pk, less.pk]
    assert suggestions.best_for(visitor, own) == []
