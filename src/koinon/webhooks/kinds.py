"""Which kinds of events there are, and the row of the table that lets everybody read what each tells.

They are those of `journal/fresh.py`: each capability says which of its entries tell everybody something. What takes such a thing
away again stands beside them (`gone.py`). Here each of them names its row; a kind that names none, or one that not everybody may read, stops the start. So no event of a request, of a match or of
who asked in a room can ever become one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koinon.base.governance import matrix
from koinon.journal import fresh
from koinon.webhooks.gone import GONE

ROWS = {
    "news": "N1",
    "calls": "E6",
    "answers": "C6",
    "sessions": "B2",
    "courses": "E3",
    "practices": "D4",
    "reports": "B2",
    "network": "A1",
    "peers": "E1a",
    "exchanges": "E9",
    "reviews": "E11",
    "spaces": "N7",
    "talk": "N7",
    "dates": "N7",
}
"""Source → the row of what it shows."""
TEST = "webhook.test"


@dataclass(frozen=True)
class Kind:
    """One kind of event: its name, as the journal has it; of which source; what it says; whether it takes the thing away."""

    name: str
    source: fresh.Source
    label: str | Promise
    is_gone: bool = False


def all_kinds() -> Iterator[Kind]:
    """In the order in which pages show them."""
    for source in fresh.sources:
        for verb, label in source.verbs.items():
            yield Kind(verb, source, label)
        if (ends := GONE.get(source.name)) is not None:
            for verb in ends.away:
                yield Kind(verb, source, _("Withdrawn"), is_gone=True)
            for verb in ends.back:
                yield Kind(verb, source, _("Cancelled") if verb.endswith("_cancelled") else _("Brought back"))


def known() -> dict[str, Kind]:
    return {kind.name: kind for kind in all_kinds()}


def by_source() -> list[tuple[fresh.Source, list[Kind]]]:
    kinds = list(all_kinds())
    return [(source, [kind for kind in kinds if kind.source is source]) for source in fresh.sources]


def everybody_reads_it(**_more: Any) -> list[CheckMessage]:
    """Each kind of event names a row of the table that everybody may read."""
    problems: list[CheckMessage] = []
    for source in fresh.sources:
        row = ROWS.get(source.name, "")
        if "R" not in matrix().get(row, {}).get("ANON", frozenset()):
            problems.append(
                Error(
                    f"events of {source.name} would go to webhooks, and name no row that everybody may read",
                    id="koinon.E010",
                )
            )
    return problems


def hold_all() -> None:
    """Called once: the start looks."""
    register(everybody_reads_it)
