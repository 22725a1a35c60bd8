"""Making a change of an entry known: to the journal, to the matching in every process, to the search."""

from django.db.models import F

from koinon.base.visitor import Visitor
from koinon.journal import actions as journal
from koinon.peers.models import Entry, Stamp
from koinon.search import changes

FOUND = "peer"
"""The type under which offers and needs of bodies are found."""


def next_stamp(*, deleted: bool = False) -> int:
    """The number of the change that is being made. Its row stays locked until the commit, so that numbers come in order."""
    Stamp.objects.select_for_update().get_or_create(pk=1)
    Stamp.objects.filter(pk=1).update(number=F("number") + 1)
    number: int = Stamp.objects.values_list("number", flat=True).get(pk=1)
    if deleted:
        Stamp.objects.filter(pk=1).update(whole=number)
    return number


def record(verb: str, entry: Entry, *, by: Visitor | None) -> None:
    """Write down what was done to an entry, and let everybody know it who shows it. What a person says is nobody's to read."""
    is_public = entry.person_id is None
    journal.record(verb, by=by, what=entry, public=is_public)
    entry.stamp = next_stamp()
    entry.save(update_fields=["stamp"])
    if is_public:
        changes.touch(FOUND, entry.code)
