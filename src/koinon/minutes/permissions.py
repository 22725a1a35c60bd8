"""Who may write and publish a report; who may read it is `Report.is_shown_to` beside the session's own `seen_by`."""

from koinon.agenda import permissions as agenda
from koinon.base.visitor import Visitor
from koinon.minutes.models import Report


def may_edit(by: Visitor, report: Report) -> bool:
    """The hosts of the session (B13 U)."""
    return agenda.may_host(by, report.session)


def may_publish(by: Visitor, report: Report) -> bool:
    """Who may publish the session (B2 P)."""
    return agenda.may_publish(by, report.session)
