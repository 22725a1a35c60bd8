"""The programme and a session's own page: for reading, for calendars and for programs."""

import json
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from koinon.agenda import hooks, ics, outline
from koinon.agenda.actions import feeds
from koinon.agenda.listing import LISTING, Programme, asked, calendar_of
from koinon.agenda.models import Material, Registration, Segment, Session, Speaker
from koinon.agenda.permissions import may_change, may_host, may_publish, may_work_somewhere
from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.network.actions.roles import site
from koinon.network.models import Organisation
from koinon.network.visitor import Visitor
from koinon.places import zones

A_PAGE = 30
# A part that takes less than a seventh of the whole is too narrow to be drawn beside the others.
_NARROW = 7


@governed("B2")
@require_safe
def programme(request: HttpRequest) -> HttpResponse:
    """What comes, soonest first; then what has been. Filters stand in the address, and the list leaves by `?format=`."""
    wanted = asked(request)
    found = Programme(wanted, request.visitor)
    rows = found.coming + found.past
    if answer := LISTING.answer(request, rows):
        return answer
    page = page_of(request, rows, A_PAGE)
    shown = [
        (is_past, list(group)) for is_past, group in groupby(page, key=lambda row: row.is_over(found.now))
    ]
    coming = next((group for is_past, group in shown if not is_past), [])
    context = {
        "asked": wanted,
        "coming": coming,
        "past": next((group for is_past, group in shown if is_past), []),
        "n_coming": len(found.coming),
        "n_past": len(found.past),
        "page": page,
        "facets": found.facets(),
        "places": found.places(),
        "formats": LISTING.formats,
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "may_write": may_work_somewhere(request.visitor),
        "this_year": timezone.localdate().year,
    }
    response = render(request, "agenda/programme.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


@governed("B2")
@require_safe
def session(request: HttpRequest, code: str) -> HttpResponse:
    """One session: when, where, what for, who, what it left. `?zone=` shows the time by another clock."""
    found = visible(request, code)
    zone = _zone(request, found)
    now = timezone.now()
    material = list(found.material.all())
    may_work = may_change(request.visitor, found)
    follows = found.follows
    followed = list(Session.objects.seen_by(request.visitor).filter(follows=found).soonest_first())
    if follows is not None and not Session.objects.seen_by(request.visitor).filter(pk=follows.pk).exists():
        follows = None
    segments = list(found.segments.all())
    context: dict[str, Any] = {
        "session": found,
        "starts_iso": found.starts_at.isoformat(),
        "ends_iso": found.ends_at.isoformat(),
        "utc": f"{found.starts_at.astimezone(UTC):%H:%M}",
        "asked_zone": zone,
        "is_over": found.is_over(now),
        "is_live": found.state == Session.State.LIVE,
        "is_fact": bool(found.sources) and found.organiser is None,
        "length": _length(found.minutes),
        "zone_name": zones.place_name(found.zone),
        "shift": _shift(found),
        "own": _own(found, zone) if zone else None,
        "offered": zones.offered() if "zone" in request.GET else [],
        "moved_from": found.moved_from[-1] if found.moved_from else None,
        "outline": outline.rendered(found.outline, found.notes, language=found.language),
        "has_heading": found.outline.lstrip().startswith(outline.HEADING),
        "rundown": _rundown(found, segments),
        "is_scaled": _fits_beside(segments),
        "asks_throughout": any(part.kind == Segment.Kind.QA for part in segments),
        "has_all_minutes": bool(segments) and all(part.minutes for part in segments),
        "speakers": [
            one for one in found.speakers.all() if one.state in {Speaker.State.NAMED, Speaker.State.ACCEPTED}
        ],
        "material": shown(material),
        "waits_for_captions": may_work and len(shown(material)) < len([m for m in material if m.published]),
        "places": list(found.places.all()),
        "follows": follows,
        "followed_by": followed,
        "ways": [way for make in hooks.ways for way in make(request, found)],
        "panels": [panel for make in hooks.panels if (panel := make(request, found))],
        "json_ld": _json_ld(request, found),
        "may_change": may_work,
        "may_publish": may_publish(request.visitor, found),
        "may_host": may_host(request.visitor, found),
    }
    response = render(request, "agenda/session.html", context)
    if request.GET or request.visitor.is_signed_in:
        return response
    return shared(response)


@governed("B2")
@require_safe
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """One session as a calendar file."""
    return ics.response(calendar_of([visible(request, code)]), code)


@governed("B17")
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A person's own sessions as a calendar to subscribe to; the address cannot be guessed, and is asked for anew each time."""
    person = feeds.person_of(secret)
    if person is None:
        raise Http404
    return ics.response(calendar_of(feeds.sessions_of(person)), "my-sessions")


@governed("B17", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def my_calendar(request: HttpRequest) -> HttpResponse:
    """Make the address of one's own calendar, or a new one in its place; it is shown once it is made."""
    assert isinstance(request.visitor, Visitor)
    person = request.visitor.person
    assert person is not None
    if request.method != "POST":
        return render(request, "agenda/my_calendar.html", {"is_there": feeds.has_address(person)})
    address = site() + reverse("sessions:feed", args=[feeds.renew(person)])
    return render(request, "agenda/my_calendar.html", {"address": address})


def visible(request: HttpRequest, code: str) -> Session:
    """The session of an address, if this visitor may see it; else the 404 of what is not there."""
    rows = Session.objects.seen_by(request.visitor).select_related("organiser", "series", "follows")
    return get_object_or_404(rows, code=code[:40])


def shown(material: list[Material]) -> list[Material]:
    """What is published; a recording only where captions or a transcript came with it (WCAG 1.2.2)."""
    published = [one for one in material if one.published]
    captioned = any(one.kind == Material.Kind.CAPTIONS for one in published)
    return [one for one in published if captioned or one.kind != Material.Kind.RECORDING]


def _zone(request: HttpRequest, found: Session) -> str:
    """The reader's own clock: asked for in the address, else the one chosen when registering; empty where not known."""
    asked_for = request.GET.get("zone", "")
    if asked_for:
        return asked_for if zones.is_zone(asked_for) else ""
    if request.visitor.person_id is None:
        return ""
    mine = Registration.objects.filter(session=found, person=request.visitor.person_id).active()
    return mine.values_list("zone", flat=True).first() or ""


def _own(found: Session, zone: str) -> dict[str, Any] | None:
    """When it is by the reader's clock; None where that shows the same."""
    if not zones.differs(zone, found.zone, found.starts_at):
        return {"zone": zones.place_name(zone), "same": True}
    begin, end = _wall(found.starts_at, zone), _wall(found.ends_at, zone)
    return {
        "zone": zones.place_name(zone),
        "begin": begin,
        "end": end,
        "other_day": begin.date() != found.day,
    }


def _wall(instant: datetime, zone: str) -> datetime:
    """What clocks in a zone show, without the zone: templates would turn it into another."""
    return ics.local(instant, zone).replace(tzinfo=None)


def _shift(found: Session) -> str:
    """How clocks in the zone were called at that moment, such as CEST; empty where it has only numbers."""
    name = ics.local(found.starts_at, found.zone).tzname() or ""
    return name if name.isalpha() else ""


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not rest:
        return _("one hour") if hours == 1 else _("%(n)s hours") % {"n": hours}
    if not hours:
        return _("%(n)s minutes") % {"n": rest}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def _rundown(found: Session, segments: list[Segment]) -> list[dict[str, Any]]:
    """The parts of the hour with the time each begins, as far as the minutes before it are known."""
    rows: list[dict[str, Any]] = []
    at: datetime | None = found.starts_at
    for number, part in enumerate(segments):
        rows.append(
            {
                "part": part,
                "at": _wall(at, found.zone) if at else None,
                "iso": at.isoformat() if at else "",
                "is_last": number == len(segments) - 1 and number > 0,
                "units": f"m{min(part.minutes or 10, 120)}",
            }
        )
        at = at + timedelta(minutes=part.minutes) if at and part.minutes else None
    return rows


def _fits_beside(segments: list[Segment]) -> bool:
    """Whether the parts can be drawn beside each other, to scale where minutes are known."""
    minutes = [part.minutes or 10 for part in segments]
    return 1 < len(segments) <= 5 and min(minutes) * _NARROW >= sum(minutes)


def _json_ld(request: HttpRequest, found: Session) -> SafeString:
    """The session for programs (schema.org Event); every sign that could end the script element is written as an escape."""
    state = {
        Session.State.CANCELLED: "EventCancelled",
    }.get(Session.State(found.state), "EventRescheduled" if found.moved_from else "EventScheduled")
    mode = "Mixed" if found.venue and found.video else "Offline" if found.venue else "Online"
    organiser = found.organiser
    where: dict[str, Any] | None = None
    if found.venue:
        where = {"@type": "Place", "name": found.venue}
    elif found.video:
        where = {"@type": "VirtualLocation", "url": found.video}
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": request.build_absolute_uri(found.get_absolute_url()),
        "identifier": found.code,
        "name": found.title,
        "description": found.lead,
        "startDate": ics.local(found.starts_at, found.zone).isoformat(),
        "endDate": ics.local(found.ends_at, found.zone).isoformat(),
        "eventStatus": f"https://schema.org/{state}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode" if where else None,
        "location": where,
        "inLanguage": found.spoken,
        "organizer": {
            "@type": "Organization",
            "name": found.organiser_name,
            "url": request.build_absolute_uri(organiser.get_absolute_url())
            if isinstance(organiser, Organisation)
            else None,
        }
        if found.organiser_name
        else None,
        "isAccessibleForFree": True,
    }
    text = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    escapes = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return SafeString(text.translate({ord(sign): escape for sign, escape in escapes.items()}))
