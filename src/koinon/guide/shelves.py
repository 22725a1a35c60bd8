"""The six shelves of a place: responsible, coming, money, practices, peers, answered.

Each is filled by the capability that knows, nearest first; each item says for which level it holds and why it is shown.
What is not there is a gap, as large as good news, with what to do next. Shelves whose capability is not built yet say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koinon.network.responsible import Gap, Item
from koinon.network.responsible import money as network_money
from koinon.network.responsible import responsible as network_responsible
from koinon.places.models import Place


@dataclass(frozen=True)
class Shelf:
    """One shelf: its id is a promise to the outside (INTERFACE); `note` says what it holds; `template` draws its body."""

    id: str
    title: str
    note: str
    template: str
    items: Sequence[Item] = ()
    gaps: Sequence[Gap] = field(default=())

    @property
    def count_words(self) -> str:
        """`3, 1 gap` beside the shelf's name in the index of the page."""
        gaps = ngettext("%(n)s gap", "%(n)s gaps", len(self.gaps)) % {"n": len(self.gaps)}
        if not self.items:
            return gaps if self.gaps else _("none")
        return f"{len(self.items)}, {gaps}" if self.gaps else str(len(self.items))
