"""An organisation's page: what it is, how sure that is, its history, who belongs to it, where it comes from."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from koinon.base.exits import Column, Listing, exit_name
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.network.dates import in_words, span
from koinon.network.forms.facts import CorrectionForm
from koinon.network.models import Coverage, Membership, Organisation, Phase
from koinon.network.overview import Bar, host_of, months, now_at, years
from koinon.network.panels import panels
from koinon.network.permissions.facts import may_confirm, may_edit, may_publish, may_read_corrections
from koinon.network.permissions.roles import may_see_people
from koinon.network.views import asked
from koinon.network.visitor import Visitor

Kind = Organisation.Kind
_HOSTS = {Membership.Role.HOST, Membership.Role.IN_CHARGE}

LISTING: Listing[Membership] = Listing(
    name="organisation",
    title=gettext_lazy("Memberships"),
    columns=(
        Column("member", lambda tie: tie.member.slug),
        Column("member_name", lambda tie: tie.member.name),
        Column("within", lambda tie: tie.within.slug),
        Column("within_name", lambda tie: tie.within.name),
        Column("role", lambda tie: tie.role),
        Column("since", lambda tie: tie.since),
        Column("until", lambda tie: tie.until),
        Column("dates_certain", lambda tie: tie.dates_certain),
        Column("certain", lambda tie: tie.certain),
        Column("sources", lambda tie: tie.sources),
        Column("checked_on", lambda tie: tie.checked_on),
    ),
    entry_title=lambda tie: str(tie),
    entry_url=lambda tie: tie.member.get_absolute_url(),
    entry_updated=lambda tie: tie.confirmed_on or tie.checked_on,
)


@dataclass(frozen=True)
class Event:
    """One knot of the history thread."""

    when: str
    day: date | None
    title: str
    text: str
    mark: str
    url: str = ""
    unsure: bool = False
    gap: bool = False
    on: bool = False


@dataclass(frozen=True)
class SourceRow:
    """Which fact comes from where."""

    fact: str
    addresses: list[tuple[str, str]]
    checked_on: date
    confirmed_on: date | None


@governed("A1")
@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """One organisation on a day: `?on=2022-06-01` shows who belonged to it then."""
    row = visible(request, slug)
    ties = _ties(request, row)
    if answer := LISTING.answer(request, ties):
        return answer
    return page(request, row, ties=ties)


def visible(request: HttpRequest, slug: str) -> Organisation:
    """The organisation of an address, if this visitor may see it; else the 404 of what is not there."""
    rows = Organisation.objects.seen_by(request.visitor).select_related("follows")
    return get_object_or_404(rows, slug=slug)


def page(
    request: HttpRequest,
    row: Organisation,
    *,
    form: CorrectionForm | None = None,
    ties: list[Membership] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with an empty form for corrections or one that was not right."""
    day, today = asked.day(request), timezone.localdate()
    ties = _ties(request, row) if ties is None else ties
    held = [tie for tie in ties if tie.within_id == row.pk]
    holds = [tie for tie in ties if tie.member_id == row.pk]
    phases = list(row.phases.on(day).defer("loaded")) if row.kind == Kind.CENTRE else []
    state = row.state
    if day != today and phases:
        state = phases[0].state
    visitor = request.visitor
    successors = list(row.successors.all().public().defer("loaded"))
    coverage = list(row.coverage.defer("loaded").order_by("country")) if row.is_shared else []
    context: dict[str, Any] = {
        "organisation": row,
        "day": day,
        "is_today": day == today,
        "day_words": in_words(day),
        "exists": row.holds_on(day),
        "span": span(row) if row.since or row.until else "",
        "state": Organisation.State(state).label if state else "",
        "hosts": [tie for tie in held if tie.role in _HOSTS and tie.holds_on(day)],
        "leads": [tie for tie in held if tie.role == Membership.Role.LEAD and tie.holds_on(day)],
        "members": [tie for tie in held if tie.role not in _HOSTS and tie.holds_on(day)],
        "memberships": [(tie, span(tie)) for tie in holds if tie.holds_on(day)],
        "coverage": coverage,
        "services": list(row.services.defer("loaded")),
        "programmes": list(row.programmes.public().prefetch_related("areas").defer("loaded")),
        "successors": successors,
        "bars": _bars(row, ties, day),
        "years": years(),
        "now": now_at(day),
        "events": _history(row, ties, successors, day),
        "stand_lines": _unsure(row, held, day),
        "sources": _sources(row, held, holds),
        "json_ld": _json_ld(request, row, held, day),
        "form": form or CorrectionForm(initial={"nonce": secrets.token_urlsafe(16)}),
        "exits": [(exit_name(name), f"?format={name}") for name in ("csv", "json", "xlsx", "atom")],
        "panels": [panel for make in panels if (panel := make(request, row))],
        "may_edit": may_edit(visitor, row),
        "may_publish": may_publish(visitor, row),
        "may_confirm": may_confirm(visitor, row),
        "may_read_corrections": may_read_corrections(visitor, row),
        "may_see_people": isinstance(visitor, Visitor) and may_see_people(visitor, row),
    }
    return render(request, "network/organisation.html", context, status=status)


def _ties(request: HttpRequest, row: Organisation) -> list[Membership]:
    """All ties of an organisation, of any time, that this visitor may see."""
    seen = Organisation.objects.seen_by(request.visitor).values("pk")
    rows = Membership.objects.filter(Q(member=row) | Q(within=row), member__in=seen, within__in=seen)
    rows = rows.select_related("member", "within").defer("loaded", "member__loaded", "within__loaded")
    return list(rows.leads_first())


def _bars(row: Organisation, ties: list[Membership], day: date) -> list[Bar]:
    """Who served when, to scale: for a centre the consortia of its country, what came before it and its hosts."""
    found: list[tuple[date, Bar]] = []
    if row.kind == Kind.CENTRE:
        covers = Coverage.objects.filter(country=row.country, consortium__published=True)
        for cover in covers.select_related("consortium").order_by("since", "pk"):
            consortium = cover.consortium
            words = _("consortium") if consortium.generation == 1 else _("project")
            found.append((cover.since or date.min, _bar(consortium.short, words, cover, day, consortium)))
        if row.follows:
            found.append(
                (
                    row.follows.since or date.min,
                    _bar(_first_word(row.follows), "", row.follows, day, row.follows),
                )
            )
        found += _hole([bar for _since, bar in found])
    if row.kind == Kind.CENTRE:
        for group in _together(row, ties):
            first = group[0]
            words = ngettext("one host", "%(n)s hosts", len(group)) % {"n": len(group)}
            found.append(
                (first.since or date.min, _bar(_first_word(first.member), words, first, day, first.member))
            )
    else:
        for tie in ties:
            if tie.member_id == row.pk and (tie.since or tie.until):
                role = str(tie.get_role_display())
                bar = _bar(_first_word(tie.within), role, tie, day, tie.within)
                found.append((tie.since or date.min, bar))
    if row.is_shared:
        found.append((row.since or date.min, _bar(row.short, "", row, day, row)))
        for other in [row.follows, *row.successors.public()]:
            if other:
                found.append((other.since or date.min, _bar(other.short, "", other, day, other)))
    return [bar for _since, bar in sorted(found, key=lambda pair: pair[0])][:24]


def _together(row: Organisation, ties: list[Membership]) -> list[list[Membership]]:
    """The hosts of a centre, those with the same dates together."""
    groups: dict[tuple[date | None, date | None, bool], list[Membership]] = {}
    for tie in ties:
        if tie.within_id == row.pk and tie.role in _HOSTS and (tie.since or tie.until):
            groups.setdefault((tie.since, tie.until, tie.certain), []).append(tie)
    return list(groups.values())


def _hole(bars: list[Bar]) -> list[tuple[date, Bar]]:
    """The time between two that serve a country in which nothing was found."""
    ends = sorted((bar.a, bar.z) for bar in bars)
    found = []
    reached = ends[0][1] if ends else 0
    for a, z in ends[1:]:
        if a > reached:
            day = date(2021 + reached // 12, reached % 12 + 1, 1)
            words = _("nothing found between the two")
            hole = Bar(_("Nothing found"), "", reached, a, on=False, guess=False, hole=True, words=words)
            found.append((day, hole))
        reached = max(reached, z)
    return found


def _first_word(row: Organisation) -> str:
    """A name short enough to stand before a line."""
    name = row.acronym or row.name.split(" - ")[0].split(" (")[0]
    return name if len(name) <= 40 else name[:38].rsplit(" ", 1)[0] + "…"


def _bar(label: str, text: str, what: Any, day: date, of: Organisation) -> Bar:
    return Bar(
        label=label,
        text=text,
        a=months(what.since) if what.since else 0,
        z=months(what.until, end=True) if what.until else 84,
        on=what.holds_on(day),
        guess=not what.dates_certain or not what.since,
        url=of.get_absolute_url(),
        words=span(what),
    )


def _history(
    row: Organisation, ties: list[Membership], successors: list[Organisation], day: date
) -> list[Event]:
    """The thread of what is dated, the latest first; between two that do not meet, what was not found."""
    events: list[Event] = []
    phases = list(row.phases.defer("loaded")) if row.kind == Kind.CENTRE else []
    events += [_of_phase(phase, day) for phase in phases if phase.since]
    for tie in ties:
        other = tie.within if tie.member_id == row.pk else tie.member
        if tie.within_id == row.pk and tie.role != Membership.Role.LEAD:
            continue
        if tie.since or tie.until:
            events.append(_of_tie(tie, other, row, day))
    events += [_of_hosts(group, day) for group in _together(row, ties)]
    for other in successors:
        events.append(
            Event(
                when=span(other),
                day=other.since,
                title=_("%(name)s follows") % {"name": other.name},
                text="",
                mark="half",
                url=other.get_absolute_url(),
                unsure=not other.dates_certain,
            )
        )
    if row.follows:
        before = row.follows
        events.append(
            Event(
                when=span(before),
                day=before.since,
                title=_("Before it: %(name)s") % {"name": before.name},
                text="",
                mark="full",
                url=before.get_absolute_url(),
                unsure=not before.dates_certain,
            )
        )
        if before.until and row.since and before.until + timedelta(days=31) < row.since:
            events.append(
                Event(
                    when=_("between %(since)s and %(until)s")
                    % {
                        "since": in_words(before.until, before.until_precision),
                        "until": in_words(row.since, row.since_precision),
                    },
                    day=before.until,
                    title=_("Nothing found"),
                    text=_("No project, no host."),
                    mark="none",
                    gap=True,
                )
            )
    return sorted(events, key=lambda event: (event.day or date.min, event.title), reverse=True)


def _of_phase(phase: Phase, day: date) -> Event:
    return Event(
        when=span(phase),
        day=phase.since,
        title=capfirst(phase.get_state_display()),
        text=phase.note,
        mark="full" if phase.until else "half",
        unsure=not phase.certain or not phase.dates_certain,
        on=phase.holds_on(day),
    )


def _of_tie(tie: Membership, other: Organisation, row: Organisation, day: date) -> Event:
    role = str(tie.get_role_display())
    if tie.within_id == row.pk:
        title = _("%(role)s: %(name)s") % {"role": capfirst(role), "name": other.name}
    else:
        title = _("%(name)s: %(role)s") % {"role": role, "name": other.short}
    text = tie.note
    if tie.dates_inherited:
        text = " ".join(filter(None, (text, _("Dates of the consortium."))))
    return Event(
        when=span(tie),
        day=tie.since or tie.until,
        title=title,
        text=text,
        mark="full" if tie.until and tie.until < day else "half",
        url=other.get_absolute_url(),
        unsure=not tie.certain or not tie.dates_certain,
        on=tie.holds_on(day),
    )


def _of_hosts(group: list[Membership], day: date) -> Event:
    first = group[0]
    names = ", ".join(tie.member.name for tie in group)
    return Event(
        when=span(first),
        day=first.since or first.until,
        title=ngettext("Host: %(names)s", "Hosts: %(names)s", len(group)) % {"names": names},
        text=first.note,
        mark="full" if first.until and first.until < day else "half",
        url=first.member.get_absolute_url() if len(group) == 1 else "",
        unsure=not first.certain or not first.dates_certain,
        on=first.holds_on(day),
    )


def _unsure(row: Organisation, held: list[Membership], day: date) -> list[str]:
    """Whole sentences on what is unsure; nothing where nothing is."""
    found = []
    if not row.certain:
        found.append(_("This record rests on one source, or was not found as such."))
    if row.kind == Kind.CENTRE and not row.state_certain:
        found.append(_("Whether it works now was not seen."))
    if row.kind == Kind.CENTRE and not row.host_certain:
        found.append(_("Who hosts it is not certain."))
    if row.is_shared and not row.lead_certain:
        found.append(_("Its lead is not confirmed."))
    if row.is_shared and not row.dates_certain:
        found.append(_("Its dates are unsure."))
    if row.city and not row.city_certain:
        found.append(_("Its city is general knowledge and was not seen in a source."))
    return found


def _sources(row: Organisation, held: list[Membership], holds: list[Membership]) -> list[SourceRow]:
    """Fact by fact: the record itself, its hosts or members, what it belongs to, programmes and services."""
    found = [_source(_("The record itself"), row)]
    hosts = [tie for tie in held if tie.role in _HOSTS]
    for label, ties in (
        (_("Hosts"), hosts),
        (_("Members"), [tie for tie in held if tie.role not in _HOSTS]),
        (_("What it belongs to"), holds),
    ):
        addresses = list(dict.fromkeys(address for tie in ties for address in tie.sources))
        if addresses:
            pairs = [(host_of(address), address if "://" in address else "") for address in addresses]
            found.append(SourceRow(label, pairs[:12], max(tie.checked_on for tie in ties), None))
    return found


def _source(label: str, row: Organisation) -> SourceRow:
    pairs = [(host_of(address), address if "://" in address else "") for address in row.sources]
    return SourceRow(label, pairs, row.checked_on, row.confirmed_on)


def _json_ld(request: HttpRequest, row: Organisation, held: list[Membership], day: date) -> SafeString:
    """The page for programs (schema.org); every sign that could end the script element is written as an escape."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "GovernmentOrganization" if row.kind == Kind.AUTHORITY else "Organization",
        "@id": request.build_absolute_uri(row.get_absolute_url()),
        "name": row.name,
        "alternateName": [name for name in (row.name_local, row.acronym) if name],
        "url": row.website or None,
        "foundingDate": row.since.isoformat() if row.since and row.since_certain else None,
        "dissolutionDate": row.until.isoformat() if row.until and row.until_certain else None,
        "member": [
            {"@type": "Organization", "name": tie.member.name}
            for tie in held
            if tie.certain and tie.holds_on(day)
        ],
        "address": {"@type": "PostalAddress", "addressCountry": row.country} if row.country else None,
    }
    text = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    escapes = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return SafeString(text.translate({ord(sign): escape for sign, escape in escapes.items()}))
