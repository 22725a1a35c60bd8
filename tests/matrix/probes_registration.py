"""Row B4, registrations and the list of who comes; of row B13 the reminders; of row E5 certificates of attendance."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.agenda import permissions, permissions_registration
from koinon.agenda.actions import registering
from koinon.agenda.models import Registration, Session
from koinon.agenda.registration_codes import code_of
from koinon.agenda.testing import make_registration, make_session
from koinon.base.visitor import require
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import TENANTS

ONE = ("own",)
# Mine: I hold the code of its private page. Stranger: somebody who guesses codes.
HOLDING = ("mine", "stranger")
# A coordinator sees the numbers, and not who it is.
COUNTS = frozenset({"NCO"})


def _hosted(trial: Trial, **more: Any) -> Session:
    """A session of the centre that the relation says; of another one where it is about holding a code."""
    tenant = trial.world.tenants[trial.relation if trial.relation in TENANTS else "foreign"]
    made: Session = trial.made(lambda: make_session(organiser=tenant, **more))
    return made


def _registered(trial: Trial, **changes: Any) -> Registration:
    def make() -> Registration:
        registration = make_registration(_hosted(trial), need="Captions")
        Registration.objects.filter(pk=registration.pk).update(**({"version": 1} | changes))
        registration.refresh_from_db()
        return registration

    made: Registration = trial.made(make)
    return made


def _code(trial: Trial, registration: Registration) -> str:
    return code_of(registration) if trial.relation == "mine" else "0000-0000-0000-0000-0000"


def _place(view: str, /, changes: Callable[[], dict[str, Any]] = dict, **sent: Any) -> Any:
    """One deed on the private page."""
    return lambda trial: trial.post(f"sessions:{view}", _code(trial, _registered(trial, **changes())), **sent)


def _offered() -> dict[str, Any]:
    return {"state": Registration.State.OFFERED, "offer_until": timezone.now() + timedelta(hours=1)}


def _attended() -> dict[str, Any]:
    return {"attended_at": timezone.now()}


def _register(trial: Trial) -> HttpResponse:
    session = _hosted(trial)
    sent = {"email": "guest@matrix.example", "nonce": "nonce-of-the-matrix"}
    return trial.post("sessions:register", session.code, **sent)


def _register_by_api(trial: Trial) -> HttpResponse:
    session = _hosted(trial)
    return trial.tell_api("api:register", session.code, email="guest@matrix.example")


def _register_by_the_action(trial: Trial) -> HttpResponse:
    session = _hosted(trial)
    return trial.act(
        lambda: registering.register(
            session, by=trial.visitor, email="guest@matrix.example", nonce="nonce-of-the-matrix"
        )
    )


def _names(trial: Trial) -> HttpResponse:
    """The list with who it is: not for who only counts."""
    registration = _registered(trial)
    answer = trial.get("sessions:registrations", registration.session.code)
    if answer.status_code == 200 and registration.email not in answer.content.decode():
        return HttpResponse(status=403)
    return answer


def _answer_need(trial: Trial) -> HttpResponse:
    registration = _registered(trial)
    sent = {"registration": registration.pk, "state": "met"}
    return trial.post("sessions:answer_need", registration.session.code, **sent)


def _answer_need_by_the_action(trial: Trial) -> HttpResponse:
    registration = _registered(trial)
    return trial.act(lambda: registering.answer_need(registration, by=trial.visitor, state="met"))


def _by_the_check(module: Any, name: str) -> Callable[[Trial], HttpResponse]:
    """A check of its own; looked up when it is asked, so that one taken out shows."""

    def do(trial: Trial) -> HttpResponse:
        session = _hosted(trial)
        return trial.act(lambda: require(getattr(module, name)(trial.visitor, session)))

    return do


def _certificate(trial: Trial) -> HttpResponse:
    registration = _registered(trial, **_attended(), certificate="MATR-MATR-MATR-MATR")
    number = registration.certificate if trial.relation == "mine" else "0000-0000-0000-0000"
    return trial.get("sessions:certificate", number)


def _b4(right: str, name: str, do: Callable[[Trial], HttpResponse], view: str = "", **more: Any) -> Probe:
    return Probe("B4", right, name, do, **({"views": (f"sessions:{view}",) if view else ()} | more))


PROBES = [
    # Anybody registers; who holds the code sees it and acts on it.
    _b4("C", "register", _register, "register", relations=ONE, journals=True),
    _b4("C", "register, the page", lambda t: t.get("sessions:register", _hosted(t).code), relations=ONE),
    Probe("B4", "C", "API, register", _register_by_api, ("api:register",), ONE, journals=True),
    _b4("C", "register, the action", _register_by_the_action, relations=ONE),
    _b4(
        "R",
        "private page",
        lambda t: t.get("sessions:place", _code(t, _registered(t))),
        "place",
        relations=HOLDING,
    ),
    *(
        _b4("U", f"private page, {name}", do, name, relations=HOLDING)
        for name, do in {
            "place_change": _place("place_change", name="Ana"),
            "place_accept": _place("place_accept", _offered),
            "place_here": _place("place_here"),
            "place_certificate": _place("place_certificate", _attended),
            "place_stop": _place("place_stop"),
        }.items()
    ),
    _b4("D", "give back", _place("place_cancel"), "place_cancel", relations=HOLDING, journals=True),
    # The hosts read who comes, answer needs and take the list out; a coordinator counts.
    _b4("R", "list", lambda t: t.get("sessions:registrations", _hosted(t).code), "registrations"),
    _b4("R", "list, who it is", _names, never=COUNTS),
    _b4("R", "the check", _by_the_check(permissions, "may_read_list"), never=COUNTS),
    _b4("U", "answer a need", _answer_need, "answer_need", journals=True),
    _b4("U", "answer a need, the action", _answer_need_by_the_action, journals=True),
    _b4("U", "needs, the check", _by_the_check(permissions_registration, "may_answer_needs")),
    _b4(
        "X",
        "export",
        lambda t: t.get("sessions:export_registrations", _registered(t).session.code, format="csv"),
        "export_registrations",
        journals=True,
    ),
    _b4("X", "export, the check", _by_the_check(permissions, "may_export_list")),
    Probe(
        "B13",
        "U",
        "reminders",
        lambda t: t.post("sessions:set_reminder", _hosted(t).code, minutes_before=120),
        ("sessions:set_reminder",),
        journals=True,
    ),
    Probe("E5", "R", "certificate", _certificate, ("sessions:certificate",), HOLDING),
]
