"""Registering, the private page of who registered, the hosts' list, certificates."""

import secrets
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.agenda.actions import attendance, registering, reminding, waiting
from koinon.agenda.forms_registration import (
    AboutForm,
    CertificateForm,
    HereForm,
    NeedForm,
    RegisterForm,
    ReminderForm,
    shown_place,
)
from koinon.agenda.models import Registration, Reminder, Session, Slip
from koinon.agenda.permissions import may_export_list, may_read_list
from koinon.agenda.permissions_registration import (
    may_answer_needs,
    may_register,
    may_see_counts,
    may_set_reminders,
)
from koinon.agenda.registration_codes import code_of, room_code
from koinon.agenda.registration_figures import figures_of
from koinon.agenda.registration_times import times_of
from koinon.base.exits import Column, Listing
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.mail.bounces import is_bouncing
from koinon.places import zones
from koinon.questions.actions.receipts import tidy_code
from koinon.questions.models.questions import hash_of
from koinon.questions.views.asking import too_many

EXPORTS = ("csv", "xlsx", "json")
PER_PAGE = 50
LISTED_AT_MOST = 500

LISTING: Listing[Registration] = Listing(
    name="registrations",
    title=_("Who comes"),
    columns=[
        Column("email", lambda row: row.email),
        Column("name", lambda row: row.name),
        Column("state", lambda row: row.state),
        Column("mode", lambda row: row.mode),
        Column("from", lambda row: row.body_kind),
        Column("place", lambda row: row.place.key if row.place else ""),
        Column("language", lambda row: row.page_language),
        Column("listed", lambda row: row.listed),
        Column("need", lambda row: row.need),
        Column("need_state", lambda row: row.need_state),
        Column("need_answer", lambda row: row.need_answer),
        Column("registered", lambda row: row.at.isoformat(timespec="minutes")),
    ],
    entry_title=lambda row: str(row),
    entry_url=lambda row: reverse("sessions:registrations", args=[row.session.code]),
    entry_updated=lambda row: row.at,
)


def _session(request: HttpRequest, code: str) -> Session:
    """A published session that this visitor sees; one that is not for this visitor is not there."""
    rows = Session.objects.seen_by(request.visitor).filter(published=True, code=code)
    session = rows.select_related("organiser").first()
    if session is None:
        raise Http404
    return session


# Registering.


@governed("B4", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, code: str) -> HttpResponse:
    """Take a place, or a rank on the waiting list: an address is all that is needed."""
    session = _session(request, code)
    require(may_register(request.visitor, session))
    if request.method != "POST":
        person = getattr(request.visitor, "person", None)
        mine = session.registrations.active().filter(person=person).first() if person else None
        initial = {
            "nonce": secrets.token_urlsafe(16),
            "email": person.email if person else "",
            "mode": waiting.modes_of(session)[0],
        }
        return _register_page(request, session, RegisterForm(initial=initial, session=session), mine=mine)
    if refused := too_many(request):
        return refused
    form = RegisterForm(_with_key(request, RegisterForm), session=session)
    if not form.is_valid():
        return _register_page(request, session, form, status=422)
    told = dict(form.cleaned_data)
    nonce = told.pop("nonce") or secrets.token_urlsafe(16)
    try:
        made = registering.register(
            session, by=request.visitor, nonce=nonce, page_language=get_language() or DEFAULT, **told
        )
    except registering.Closed:
        return _register_page(request, session, form, status=409)
    return redirect(reverse("sessions:place", args=[made.code]) + "?sent=1")


def _with_key(request: HttpRequest, form: type[AboutForm]) -> dict[str, str]:
    """What was typed; a place that was chosen from the list comes with its key, which is surer than its name."""
    data = {name: request.POST[name] for name in form.base_fields if name in request.POST}
    picked = request.POST.get("picked", "")[:200]
    chosen = request.POST.get("chosen", "")[:200]
    if picked:
        data["place"] = picked
    elif chosen and data.get("place", "") == request.POST.get("shown", ""):
        data["place"] = chosen
    return data


def _register_page(
    request: HttpRequest,
    session: Session,
    form: RegisterForm,
    *,
    mine: Registration | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "session": session,
        "form": form,
        "standing": waiting.standing(session),
        "times": times_of(session),
        "mine": code_of(mine) if mine is not None else "",
        "modes": waiting.modes_of(session),
    }
    return render(request, "agenda/registration.html", context, status=status)


# The private page: whoever holds its code reads it and acts on it.


def _held(receipt: str) -> Registration:
    """The registration of a code; a mistyped or forged code is nothing."""
    rows = Registration.objects.filter(receipt=hash_of(tidy_code(receipt)))
    found = rows.select_related("session", "session__organiser", "place").first()
    if found is None:
        raise Http404
    return found


@governed("B4", GET="R")
@require_safe
def place(request: HttpRequest, receipt: str) -> HttpResponse:
    """What one has: a place, a rank, an offer; and what one told. A slip says what was said when registering."""
    tidy = tidy_code(receipt)
    slip = Slip.objects.filter(receipt=hash_of(tidy)).select_related("session__organiser").first()
    if slip is not None:
        context = {"slip": slip, "session": slip.session, "times": times_of(slip.session)}
        return render(request, "agenda/registration_slip.html", context)
    registration = _held(receipt)
    if receipt != tidy:
        return redirect("sessions:place", receipt=tidy)
    return _place_page(request, registration)


def _place_page(
    request: HttpRequest, registration: Registration, status: int = 200, **more: Any
) -> HttpResponse:
    session, now = registration.session, timezone.now()
    initial = {
        name: getattr(registration, name) for name in ("mode", "name", "listed", "body_kind", "zone", "need")
    }
    if registration.zone and registration.zone == zones.zone_of(registration.place):
        initial["zone"] = ""
    initial["place"] = shown_place(registration.place)
    line = session.registrations.waiting().count() if registration.state == Registration.State.WAITING else 0
    comes = registration.state == Registration.State.COMING and not registration.erased_at
    context: dict[str, Any] = {
        "registration": registration,
        "session": session,
        "code": code_of(registration),
        "times": times_of(session, registration.zone),
        "is_sent": "sent" in request.GET,
        "rank": waiting.rank_of(registration),
        "line": line,
        "is_active": registration.state in Registration.ACTIVE,
        "why_closed": waiting.why_closed(session, now),
        "modes": waiting.modes_of(session),
        "offer_until": times_until(registration),
        "bounces": bool(registration.email) and is_bouncing(registration.email),
        "may_say_here": comes and registration.attended_at is None and attendance.is_open(session, now),
        "may_have_certificate": attendance.may_be_certified(registration, now),
        "others": _listed(registration) if comes else [],
        "erased_on": timezone.localdate(session.ends_at + registering.KEPT),
        "form": AboutForm(initial=initial, session=session),
        "here_form": HereForm(),
        "certificate_form": CertificateForm(
            auto_id="certificate_%s", initial={"name": registration.certificate_name or registration.name}
        ),
        "shown": shown_place(registration.place),
    }
    return render(request, "agenda/registration_place.html", context | more, status=status)


def times_until(registration: Registration) -> Any:
    """Until when the offer holds, on the session's clock."""
    if registration.offer_until is None:
        return None
    return registration.offer_until.astimezone(ZoneInfo(registration.session.zone)).replace(tzinfo=None)


def _listed(registration: Registration) -> list[Registration]:
    """Who chose to be shown to the others, this one included."""
    rows = registration.session.registrations.filter(
        state=Registration.State.COMING, listed=True, erased_at__isnull=True
    )
    return list(rows.exclude(name="").select_related("place").order_by("name", "pk")[:LISTED_AT_MOST])


@governed("B4", POST="U")
@require_POST
def change(request: HttpRequest, receipt: str) -> HttpResponse:
    """Change what one told."""
    registration = _held(receipt)
    if refused := too_many(request):
        return refused
    form = AboutForm(_with_key(request, AboutForm), session=registration.session)
    if not form.is_valid():
        return _place_page(request, registration, status=422, form=form)
    try:
        registering.change(registration, **form.cleaned_data)
    except registering.Full:
        form.add_error("mode", gettext("No place on site is free. You keep the place that you have."))
        return _place_page(request, _held(receipt), status=409, form=form)
    except registering.Ended:
        form.add_error(None, _ended())
        return _place_page(request, _held(receipt), status=409, form=form)
    return _back(receipt, "told")


@governed("B4", POST="D")
@require_POST
def cancel(request: HttpRequest, receipt: str) -> HttpResponse:
    """Give the place back, leave the line, or decline an offer. Opening a link does nothing: it takes this button."""
    registration = _held(receipt)
    try:
        registering.cancel(registration)
    except registering.Ended:
        return _place_page(request, _held(receipt), status=409, trouble=_ended())
    return _back(receipt)


@governed("B4", POST="U")
@require_POST
def accept(request: HttpRequest, receipt: str) -> HttpResponse:
    """Take the place that is offered."""
    try:
        waiting.accept(_held(receipt))
    except waiting.NotOffered:
        late = gettext("The offer is over: the place has passed on.")
        return _place_page(request, _held(receipt), status=409, trouble=late)
    return _back(receipt)


@governed("B4", POST="U")
@require_POST
def here(request: HttpRequest, receipt: str) -> HttpResponse:
    """ "I am here": by one's own act, and on site with the code that is shown there."""
    registration = _held(receipt)
    if refused := too_many(request):
        return refused
    form = HereForm(request.POST)
    if not form.is_valid():
        return _place_page(request, registration, status=422, here_form=form)
    try:
        attendance.attend(registration, code=form.cleaned_data["code"])
    except attendance.WrongCode:
        form.add_error("code", gettext("This is not the code that is shown in the room."))
        return _place_page(request, registration, status=422, here_form=form)
    except attendance.NotNow:
        when = gettext(
            "This can be said from half an hour before the beginning to half an hour after the end."
        )
        return _place_page(request, registration, status=409, trouble=when)
    return _back(receipt, "attendance")


@governed("B4", GET="R", POST="U")
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, receipt: str) -> HttpResponse:
    """The certificate of attendance, to print; and the name on it."""
    registration = _held(receipt)
    form = CertificateForm(request.POST or None, auto_id="certificate_%s")
    if request.method == "POST":
        if not form.is_valid():
            return _place_page(request, registration, status=422, certificate_form=form)
        try:
            registration = attendance.certify(registration, name=form.cleaned_data["name"])
        except attendance.NotThere:
            return _place_page(request, registration, status=409, trouble=_not_there())
        return redirect("sessions:place_certificate", receipt=tidy_code(receipt))
    if not registration.certificate:
        return _place_page(request, registration, status=409, trouble=_not_there())
    return _certificate_page(request, registration, code=code_of(registration))


@governed("E5", GET="R")
@require_safe
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Whether a certificate is true: session, date, minutes, and the name only as its holder wished."""
    rows = Registration.objects.filter(certificate=tidy_code(number), attended_at__isnull=False)
    registration = rows.select_related("session", "session__organiser").first()
    if registration is None:
        return render(request, "agenda/registration_no_certificate.html", status=404)
    if number != registration.certificate:
        return redirect("sessions:certificate", number=registration.certificate)
    return _certificate_page(request, registration)


def _certificate_page(request: HttpRequest, registration: Registration, code: str = "") -> HttpResponse:
    number = registration.certificate or ""
    context = {
        "registration": registration,
        "session": registration.session,
        "times": times_of(registration.session),
        "code": code,
        "address": request.build_absolute_uri(reverse("sessions:certificate", args=[number])),
    }
    return render(request, "agenda/registration_certificate.html", context)


@csrf_exempt
@governed("B4", GET="R", POST="U")
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, receipt: str) -> HttpResponse:
    """No more reminders: by the button, or by the mail program itself (RFC 8058); and again, by the other button."""
    registration = _held(receipt)
    if request.method == "POST":
        if "again" in request.POST:
            registering.send_mails_again(registration)
        else:
            registering.stop_mails(registration)
        registration.refresh_from_db()
    context = {"registration": registration, "session": registration.session, "code": code_of(registration)}
    return render(request, "agenda/registration_stop.html", context)


def _ended() -> str:
    return gettext("This has ended a moment before; how it stands now is said above.")


def _not_there() -> str:
    return gettext("A certificate is for who said “I am here”, and can be had once the session is over.")


def _back(receipt: str, part: str = "") -> HttpResponse:
    address = reverse("sessions:place", args=[tidy_code(receipt)])
    return redirect(f"{address}#{part}" if part else address)


# The hosts' side.


def _hosted(request: HttpRequest, code: str) -> Session:
    session = Session.objects.seen_by(request.visitor).filter(code=code).select_related("organiser").first()
    if session is None:
        raise Http404
    return session


@governed("B4", GET="R")
@require_safe
@login_required
def registrations(request: HttpRequest, code: str) -> HttpResponse:
    """Who comes, who waits, what they need, and the reminders. A coordinator sees the numbers only."""
    session = _hosted(request, code)
    require(may_see_counts(request.visitor, session))
    return _list_page(request, session)


def _list_page(request: HttpRequest, session: Session, status: int = 200, **more: Any) -> HttpResponse:
    visitor = request.visitor
    reads = may_read_list(visitor, session)
    rows = session.registrations.active().select_related("place").order_by("at", "pk")
    needs = rows.exclude(need="") if reads else rows.none()
    context: dict[str, Any] = {
        "session": session,
        "times": times_of(session),
        "figures": figures_of(session),
        "reads": reads,
        "exports": EXPORTS if may_export_list(visitor, session) else (),
        "page": page_of(request, rows, PER_PAGE) if reads else None,
        "needs": [(row, NeedForm(initial=_need_initial(row))) for row in needs],
        "open_needs": registering.open_needs(session) if reads else 0,
        "reminders": _reminder_forms(session) if may_set_reminders(visitor, session) else [],
        "new_reminder": ReminderForm(auto_id="new_%s"),
        "room_code": room_code(session) if may_set_reminders(visitor, session) and session.venue else "",
    }
    return render(request, "agenda/registration_list.html", context | more, status=status)


def _need_initial(row: Registration) -> dict[str, Any]:
    state = row.need_state if row.need_state != Registration.Need.ASKED else Registration.Need.WORKING
    return {"registration": row.pk, "state": state, "words": row.need_answer}


def _reminder_forms(session: Session) -> list[tuple[Reminder | None, ReminderForm]]:
    """The reminders with their forms; where none was made yet, the two usual ones as they will be."""
    rows: list[Reminder] = list(session.reminders.all())
    if not rows:
        rows = [Reminder(session=session, minutes_before=many) for many in reminding.BY_DEFAULT]
    return [
        (
            row,
            ReminderForm(
                auto_id=f"r{number}_%s",
                initial={
                    "reminder": row.pk,
                    "minutes_before": row.minutes_before,
                    "mode": row.mode,
                    "text": row.text,
                    "off": row.off,
                },
            ),
        )
        for number, row in enumerate(rows)
    ]


@governed("B4", GET="X")
@require_safe
@login_required
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The list as a file; that it was taken is written down."""
    session = _hosted(request, code)
    require(may_export_list(request.visitor, session))
    form = request.GET.get("format", "")
    if form not in EXPORTS:
        raise SuspiciousOperation(f"format is one of {', '.join(EXPORTS)}")
    rows = list(session.registrations.active().select_related("place", "session").order_by("at", "pk"))
    registering.record_export(session, by=request.visitor, form=form, count=len(rows))
    answer = LISTING.answer(request, rows)
    assert answer is not None
    return answer


@governed("B4", POST="U")
@require_POST
@login_required
def answer_need(request: HttpRequest, code: str) -> HttpResponse:
    """Say how far an access need is."""
    session = _hosted(request, code)
    require(may_answer_needs(request.visitor, session))
    form = NeedForm(request.POST)
    if not form.is_valid():
        return _list_page(request, session, status=422, wrong_need=form)
    told = form.cleaned_data
    registration = session.registrations.filter(pk=told["registration"]).first()
    if registration is None:
        raise Http404
    try:
        registering.answer_need(registration, by=request.visitor, state=told["state"], words=told["words"])
    except registering.Ended:
        form.add_error(None, gettext("This person does not come any more, or took the need back."))
        return _list_page(request, session, status=409, wrong_need=form)
    return redirect(reverse("sessions:registrations", args=[session.code]) + "#needs")


@governed("B13", POST="U")
@require_POST
@login_required
def set_reminder(request: HttpRequest, code: str) -> HttpResponse:
    """Change a reminder, add one, or switch one off."""
    session = _hosted(request, code)
    require(may_set_reminders(request.visitor, session))
    form = ReminderForm(request.POST, auto_id="wrong_%s")
    if not form.is_valid():
        return _list_page(request, session, status=422, wrong_reminder=form)
    told = dict(form.cleaned_data)
    key = told.pop("reminder")
    reminder = session.reminders.filter(pk=key).first() if key else None
    if key and reminder is None:
        raise Http404
    try:
        reminding.set_reminder(session, by=request.visitor, reminder=reminder, **told)
    except reminding.TooMany:
        form.add_error(None, gettext("A session has six reminders at most. Change one of them."))
        return _list_page(request, session, status=409, wrong_reminder=form)
    return redirect(reverse("sessions:registrations", args=[session.code]) + "#reminders")
