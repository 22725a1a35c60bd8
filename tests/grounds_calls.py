"""One of each thing that the addresses of calls can name; for tests/grounds.py."""

from koinon.calls.testing import make_call
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""

_TERMS = {
    "title": "Changed",
    "summary": "",
    "text": "What it is for.",
    "opener": "An authority",
    "programme": "",
    "url": "https://example.eu/call",
    "sources": "A leaflet",
    "who": "municipality",
    "who_text": "",
    "places": "Malta",
    "places_says": "",
    "objectives": "a",
    "topics": "",
    "under_priority": "yes",
    "share": "95",
    "least": "1",
    "most": "2",
    "budget": "3",
    "currency": "EUR",
    "opens_on": "",
    "no_deadline": "",
    "checked_on": "2026-11-22",
    "certain": "on",
    "note": "",
    "disagree": "",
}
_DATE = {
    "day": "2027-03-02",
    "at": "17:00",
    "zone": "Europe/Athens",
    "fold": "",
    "label": "",
    "announced": "",
    "certain": "on",
}
_CONDITION = {
    "kind": "partners",
    "number": "1",
    "day": "",
    "question": "",
    "says": "Two bodies.",
    "section": "3",
    "mendable": "on",
}


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own = world.tenants["own"]
    public = make_call(
        keeper=own,
        opener=own,
        opener_text="",
        conditions=({"kind": "partners", "number": 1}, {"kind": "start_from", "day": "2027-03-01"}),
    )
    draft = make_call(keeper=own, state="draft")
    first, condition = public.cutoffs.get(), public.conditions.all()[0]
    dated = {f"date{first.pk}-{name}": value for name, value in _DATE.items()} | {"do": "move"}
    asked = {f"c{condition.pk}-{name}": value for name, value in _CONDITION.items()} | {"do": "save"}
    versions = {f"date{first.pk}-version": "1", f"c{condition.pk}-version": "1"}
    RIGHT.update(
        {
            "calls/new/": _TERMS
            | {f"first-{name}": value for name, value in _DATE.items()}
            | {"keeper": str(own.pk)},
            "calls/<slug:slug>/edit/": _TERMS | {"words": "Why."},
            "calls/<slug:slug>/edit/dates/": _DATE | {"words": "Why."},
            "calls/<slug:slug>/edit/dates/<int:pk>/": dated | versions,
            "calls/<slug:slug>/edit/conditions/": _CONDITION,
            "calls/<slug:slug>/edit/conditions/<int:pk>/": asked | versions,
            "calls/<slug:slug>/edit/whole/": {"whole": "yes"},
            "calls/<slug:slug>/withdraw/": {"because": "mistake", "sure": "on"},
            "calls/<slug:slug>/ask/": {"text": "May we apply?", "place": "Malta", "email": ""},
        }
    )
    return {
        "calls/<slug:slug>": {"slug": public.slug},
        "calls/<slug:slug>/edit/dates/<int:pk>/": {"pk": first.pk},
        "calls/<slug:slug>/edit/conditions/<int:pk>/": {"pk": condition.pk},
        "calls/<slug:slug>/publish/": {"slug": draft.slug},
        "calls/<slug:slug>/delete/": {"slug": draft.slug},
        "v1/calls/": {"slug": public.slug},
        "v1/calls/<slug>/publish": {"slug": draft.slug},
    }
