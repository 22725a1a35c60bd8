"""One of each thing that the addresses of figures, the log and reports can name; for tests/grounds.py."""

from django.utils import timezone

from koinon.reports import content
from koinon.reports.testing import make_activity, make_report
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own = world.tenants["own"]
    activity = make_activity(own)
    corrected = make_activity(own, origin="house", thing="session:HOSTILE", corrected=True)
    corrected.house = corrected.said | {"title": "What the house says"}
    corrected.save()
    draft = make_report(own)
    handed_in = make_report(own, state="submitted", submitted_at=timezone.now())
    handed_in.kept = content.count(handed_in)
    handed_in.save()
    said = {
        "kind": "meeting",
        "title": "A title",
        "language": "en",
        "first_day": "2026-01-15",
        "last_day": "2026-01-15",
        "places": "IT",
        "participants": "12",
        "partners": "A body",
        "link": "",
        "note": "",
        "version": "1",
    }
    told = {
        "title": "A title",
        "first_day": "2026-01-01",
        "last_day": "2026-03-31",
        "text": "Words",
        "version": "1",
    }
    RIGHT["reports/log/new/"] = said | {"organisation": str(own.pk), "nonce": "nonce-0001"}
    RIGHT["reports/log/<int:pk>/edit/"] = said
    RIGHT["reports/log/<int:pk>/withdraw/"] = {"because": "So it is."}
    RIGHT["reports/periods/new/"] = told | {"organisation": str(own.pk), "nonce": "nonce-0002"}
    RIGHT["reports/periods/<int:pk>/edit/"] = told
    RIGHT["reports/periods/<int:pk>/decide/"] = {"decision": "send_back", "reason": "So.", "version": "1"}
    return {
        "reports/bodies/": {"slug": own.slug},
        "reports/places/": {"key": "ITH5"},
        "reports/log/": {"pk": activity.pk},
        "reports/log/<int:pk>/house/": {"pk": corrected.pk},
        "reports/periods/": {"pk": draft.pk, "ending": "csv"},
        "reports/periods/<int:pk>/decide/": {"pk": handed_in.pk},
    }
