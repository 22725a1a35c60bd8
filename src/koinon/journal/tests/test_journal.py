"""The journal cannot be rewritten unseen; the version rises with each change; gaps are counted."""

from datetime import date

import pytest
from django.db import transaction

from koinon.journal import versions
from koinon.journal.actions import count_gaps, first_broken, record
from koinon.journal.models import Entry, Gap, Version

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)


def thing() -> Gap:
    return Gap.objects.create(day=DAY, place="IT", shelf="coming")


def test_the_chain_holds() -> None:
    for verb in ("a", "b", "c"):
        record(verb, by=None, what=thing(), details={"n": 1}) if verb == "a" else record(
            verb, by=None, what=Version(pk=1)
        )

    assert first_broken() is None
    assert [entry.verb for entry in Entry.objects.order_by("-pk")[:3]] == ["c", "b", "a"]


@pytest.mark.parametrize(
    "change", [{"verb": "x"}, {"details": {"n": 2}}, {"actor": "person:9"}, {"thing": "y"}]
)
def test_a_change_in_the_past_shows(change: dict[str, object]) -> None:
    first = record("a", by=None, what=thing())
    record("b", by=None, what=Version(pk=1))

    Entry.objects.filter(pk=first.pk).update(**change)

    broken = first_broken()
    assert broken is not None
    assert broken.pk == first.pk


def test_an_entry_taken_out_shows() -> None:
    first = record("a", by=None, what=thing())
    second = record("b", by=None, what=Version(pk=1))
    record("c", by=None, what=Version(pk=1))

    Entry.objects.filter(pk=second.pk).delete()

    broken = first_broken()
    assert broken is not None
    assert (broken.verb, first.verb) == ("c", "a")


def test_a_label_may_be_erased() -> None:
    entry = record("a", by=None, what=thing(), by_label="Ana")

    Entry.objects.filter(pk=entry.pk).update(actor_label="")

    assert first_broken() is None


def test_each_record_raises_the_version() -> None:
    before = Version.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    what = thing()

    record("a", by=None, what=what)
    record("b", by=None, what=what)

    assert Version.objects.get(pk=1).number == before + 2


def test_what_is_undone_leaves_no_trace() -> None:
    what = thing()

    @transaction.atomic
    def deed_that_fails() -> None:
        record("undone", by=None, what=what)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        deed_that_fails()

    assert not Entry.objects.filter(verb="undone").exists()


def test_this_process_knows_the_version_after_looking() -> None:
    record("a", by=None, what=thing())

    assert versions.look() == versions.known() == Version.objects.get(pk=1).number


def test_gaps_add_up() -> None:
    count_gaps({(DAY, "MT", "coming"): 2, (DAY, "MT", "money"): 1})
    count_gaps({(DAY, "MT", "coming"): 3})

    assert list(Gap.objects.for_place("MT").order_by("shelf").values_list("shelf", "times")) == [
        ("coming", 5),
        ("money", 1),
    ]
