"""What peers bring to pages of lower floors: partners for a call, who shares a competence, what is new for those who follow."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name, without_language
from koinon.base.visitor import HttpRequest
from koinon.calls import hooks as calls
from koinon.calls.models import Call
from koinon.courses import hooks as courses
from koinon.journal import fresh
from koinon.peers.actions.known import FOUND
from koinon.peers.deadlines import call_key, deadline
from koinon.peers.listing import Row, rows
from koinon.peers.models import Entry, Exchange
from koinon.peers.words import Kind

SHOWN = 6
_COMPETENCES = {
    "mapping": ("ecosystem", "needs-assessment", "stakeholder-engagement"),
    "interaction": (
        "stakeholder-engagement",
        "community-of-practice",
        "user-participation",
        "network-of-cities",
    ),
    "cocreation": ("co-creation", "co-design", "living-lab"),
    "scaling": ("scaling-up", "transfer-of-practice", "replication", "mainstreaming"),
    "capacity": ("capacity-building", "training-of-trainers"),
    "networking": ("network-of-cities", "cross-sector-partnership", "competence-centre"),
    "learning": ("mutual-learning", "peer-review", "study-visit"),
}


def partners_for(request: HttpRequest, call: Call) -> calls.Panel | None:
    """Bodies that look for partners for a call; offers of a project together on its topics; how to look oneself.

    After the deadline nobody looks any more; where somebody did, the page says that it ended.
    """
    day = deadline(call)
    is_over = day is not None and day < timezone.localdate()
    of_bodies = Entry.objects.filter(call_key=call_key(call), person__isnull=True)
    searches = list(of_bodies.open(day if is_over else None).with_owners().newest_first()[:SHOWN])
    offers = [
        row
        for row in rows()
        if row.kind == Kind.OFFER and set(row.topics) & set(call.topics)
    ]  # fmt: skip
    context = {
        "searches": [] if is_over else searches,
        "closed": searches if is_over else [],
        "offers": offers[:SHOWN],
        "new": "" if is_over else f"{reverse('peers:new', args=[Kind.PARTNERS])}?call={call.slug}",
    }
    return calls.Panel("peers/_call.html", context) if any(context.values()) else None


def who_shares(request: HttpRequest, competence: str) -> list[courses.Lead]:
    """Bodies that offer to share a competence of the self-check."""
    wanted = set(_COMPETENCES.get(str(competence), (str(competence),)))
    spoken = get_language() or DEFAULT
    found = [row for row in rows() if row.kind == Kind.OFFER and wanted & set(row.topics)]
    return [courses.Lead(row.title, row.url, _because(row, spoken), row.language) for row in found[:3]]


def _because(row: Row, spoken: str) -> str:
    if row.country:
        return _("%(body)s, %(country)s, offers it.") % {
            "body": row.body,
            "country": country_name(row.country, spoken),
        }
    return _("%(body)s offers it.") % {"body": row.body}


def load_entries(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """What bodies offer and need, as those who follow are told of it; one query. Never what a person says."""
    rows_now = Entry.objects.public().filter(pk__in=[key for key in keys if key.isdecimal()])
    for entry in rows_now.with_owners():
        yield fresh.Fresh(
            key=str(entry.pk),
            title=entry.title,
            address=without_language(entry.get_absolute_url()),
            language=entry.language,
            about=entry.organisation.name if entry.organisation is not None else "",
            on=entry.until,
            places=(entry.place.pk,) if entry.place is not None and entry.place.pk != "EU" else (),
            topics=tuple(entry.topics),
            organisations=(entry.organisation.slug,) if entry.organisation is not None else (),
            found=(FOUND, entry.code),
        )


def load_exchanges(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Results that both sides let be seen; one query."""
    found = Exchange.objects.public().filter(pk__in=[key for key in keys if key.isdecimal()]).with_sides()
    for one in found:
        bodies = [
            body
            for body in (one.first_organisation, one.second_organisation)
            if body is not None and body.published
        ]
        yield fresh.Fresh(
            key=str(one.pk),
            title=one.title,
            address=without_language(one.get_absolute_url()),
            language=one.language,
            about=" · ".join(body.name for body in bodies),
            topics=tuple(one.topics),
            organisations=tuple(body.slug for body in bodies),
        )


def join_in() -> None:
    """Called once, when peers are ready."""
    calls.panels.append(partners_for)
    courses.peers.append(who_shares)
    verbs = {
        "peers.offer_made": gettext_lazy("New offer"),
        "peers.need_made": gettext_lazy("New need"),
        "peers.partners_made": gettext_lazy("Partners wanted"),
    }
    fresh.sources.append(
        fresh.Source("peers", gettext_lazy("Offers and needs"), "peers.entry", verbs, load_entries)
    )
    results = {
        "peers.result_consented": gettext_lazy("What came of an exchange"),
        "peers.result_recorded": gettext_lazy("What came of an exchange"),
    }
    fresh.sources.append(
        fresh.Source(
            "exchanges", gettext_lazy("What came of exchanges"), "peers.exchange", results, load_exchanges
        )
    )
