"""Who hears that a report waits for them: who decides, once it is handed in; who hands it in, once it is sent back."""

from collections.abc import Iterable

from koinon.base.languages import in_language, without_language
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.network.models import Role
from koinon.network.visitor import visitor_for
from koinon.people.models import Person
from koinon.reports.models import PeriodReport
from koinon.reports.permissions import may_decide, may_submit

HANDED_IN_MAIL = "reports/mail/handed_in"
SENT_BACK_MAIL = "reports/mail/sent_back"
MAILS = {HANDED_IN_MAIL: "F2", SENT_BACK_MAIL: "F1"}
Kind = Role.Kind


def tell_handed_in(report: PeriodReport) -> None:
    """The leads who may decide it; where there are none, the coordinators. In the transaction of the deed."""
    leads = [one for one in _holding(Kind.LEAD) if may_decide(visitor_for(one), report)]
    others = [] if leads else _holding(Kind.COORDINATOR)
    _tell(HANDED_IN_MAIL, report, leads or [one for one in others if may_decide(visitor_for(one), report)])


def tell_sent_back(report: PeriodReport) -> None:
    """Who may hand it in again; where there is nobody, who writes on it."""
    near = _holding(Kind.MANAGER, Kind.LEAD, of=report)
    hands_in = [one for one in near if may_submit(visitor_for(one), report)]
    _tell(SENT_BACK_MAIL, report, hands_in or _holding(Kind.EDITOR, of=report))


def _holding(*kinds: str, of: PeriodReport | None = None) -> list[Person]:
    rows = Role.objects.today().filter(kind__in=kinds, person__is_active=True).select_related("person")
    if of is not None:
        rows = rows.filter(organisation=of.organisation_id)
    return list({role.person_id: role.person for role in rows.order_by("pk")}.values())


def _tell(template: str, report: PeriodReport, people: Iterable[Person]) -> None:
    path = without_language(report.get_absolute_url())
    for person in people:
        mail.send(
            person.email,
            template,
            {"report": report, "page": site() + in_language(path, person.language)},
            language=person.language,
            key=f"{template}:{report.pk}:{report.version}:{person.pk}",
        )
