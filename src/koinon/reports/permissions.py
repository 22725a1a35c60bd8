"""Who may log what a body did, and write, hand in and decide a report: rows N5, F1 and F2 of the table.

`seen_by` of the models says the same for lists. The figures of the network are everybody's (F3). A lead reads the log of its
members, because its own report is made of it, but changes nothing there, and sees no report before it is handed in.
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.models.activities import bodies_worked_for
from koinon.reports.words import WRITTEN, State

Kind = Role.Kind


def may_work(by: Visitor) -> bool:
    """Who works for any body, leads or coordinates: the way to logs and reports is shown to them."""
    return isinstance(by, NetworkVisitor) and by.holds(Kind.EDITOR, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR)


def may_log(by: Visitor, organisation: Organisation) -> bool:
    """Type an activity of a body (N5 C)."""
    return organisation.pk in bodies_worked_for(by)


def may_change(by: Visitor, activity: Activity) -> bool:
    """Correct what is logged (N5 U)."""
    return activity.is_counted and activity.organisation_id in bodies_worked_for(by)


def may_withdraw(by: Visitor, activity: Activity) -> bool:
    """Take it out of all figures, with a reason; it stays in the log (N5 D)."""
    return activity.is_counted and activity.organisation_id in bodies_worked_for(by)


def may_write(by: Visitor, organisation: Organisation) -> bool:
    """Begin a report of a body (F1 U)."""
    return organisation.pk in bodies_worked_for(by)


def may_edit(by: Visitor, report: PeriodReport) -> bool:
    """Write on it, until it is handed in (F1 U)."""
    return report.state in WRITTEN and report.organisation_id in bodies_worked_for(by)


def may_submit(by: Visitor, report: PeriodReport) -> bool:
    """Hand it in: the managers of the body; of a consortium its lead (F1 P)."""
    if not isinstance(by, NetworkVisitor) or report.state not in WRITTEN:
        return False
    return by.holds_in(report.organisation, Kind.MANAGER, Kind.LEAD)


def may_decide(by: Visitor, report: PeriodReport) -> bool:
    """Accept it or send it back: the lead of its consortium, the coordinator; nobody who wrote it (F2 M)."""
    if not isinstance(by, NetworkVisitor) or report.state != State.SUBMITTED:
        return False
    if report.organisation_id in bodies_worked_for(by):
        return False
    return by.leads(report.organisation) or by.is_coordinator


def may_export(by: Visitor) -> bool:
    """Take the reports that were handed in along as one table: who leads a consortium, the coordinator (F2 X)."""
    return isinstance(by, NetworkVisitor) and by.holds(Kind.LEAD, Kind.COORDINATOR)
