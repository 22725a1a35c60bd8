"""What notices add to a person's own page: the way to what waits, and to what was decided."""

from django.http import HttpRequest

from koinon.network import panels
from koinon.network.models import Organisation
from koinon.network.visitor import ANYONE
from koinon.notices import actions
from koinon.notices.models import Decision, Feedback, Notice
from koinon.notices.permissions import may_use_feedback, may_use_queue
from koinon.people import mine
from koinon.people.models import Person


def my_notices(request: HttpRequest, person: Person) -> mine.Panel:
    """How many notices wait for who handles them; whether something was decided about what one wrote. Else nothing."""
    visitor = getattr(request, "visitor", ANYONE)
    handles, reads = may_use_queue(visitor), may_use_feedback(visitor)
    context = {
        "handles": handles,
        "open": Notice.objects.seen_by(visitor).open().count() if handles else 0,
        "reads_feedback": reads,
        "feedback": Feedback.objects.seen_by(visitor).filter(decided_at__isnull=True).count() if reads else 0,
        "has_decisions": Decision.objects.seen_by(visitor).exists(),
    }
    return mine.Panel("notices/_my_notices.html", context)


def report_entry(request: HttpRequest, organisation: Organisation) -> panels.Panel:
    """On the page of an organisation: how to report the entry."""
    return panels.Panel("notices/_report_entry.html", {"about": f"organisation:{organisation.slug}"})


def join_in() -> None:
    """Called once, when notices are ready."""
    panels.panels.append(report_entry)
    mine.panels.append(my_notices)
    mine.exports["decisions"] = actions.decisions_about
