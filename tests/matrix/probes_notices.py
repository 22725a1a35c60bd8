"""Rows G1 to G4: notices, their handling, decisions and complaints, feedback about the site."""

from django.http import HttpResponse

from koinon.notices import actions
from koinon.notices.models import Notice
from koinon.notices.testing import make_complained, make_decided, make_feedback, make_notice
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import ACTORS

CODE = "a-code-that-only-its-holder-knows"
# Mine: I sent it and hold its code, or I wrote what it is about. Stranger: somebody who guesses codes.
SENT = ("mine", "stranger")
MINE = ("mine",)
OWN = ("own",)
WITH_ACCOUNT = frozenset(ACTORS) - {"ANON"}
KEPT = {"outcome": "kept", "ground": "nothing", "words": "It is as it was."}


def _code(trial: Trial) -> str:
    return CODE if trial.relation == "mine" else "another-code"


def _send(trial: Trial, about: str) -> HttpResponse:
    sent = {"fault": "wrong", "text": "This is not so.", "nonce": "nonce-of-the-matrix"}
    return trial.post("notices:send", about, **sent)


def _send_by_the_action(trial: Trial, about: str) -> HttpResponse:
    return trial.act(lambda: actions.send(about, by=trial.visitor, text="This is not so."))


def _entry(trial: Trial) -> str:
    return f"organisation:{trial.tenant.slug}"


def _receipt(trial: Trial) -> HttpResponse:
    make_notice(trial.world.tenants["foreign"], code=CODE)
    return trial.get("notices:receipt", _code(trial))


def _receipt_of_a_decision(trial: Trial) -> HttpResponse:
    make_decided(trial.world.tenants["foreign"], code=CODE)
    return trial.get("notices:receipt", _code(trial))


def _receipt_of_feedback(trial: Trial) -> HttpResponse:
    make_feedback(trial.world.tenants["foreign"], code=CODE)
    return trial.get("notices:receipt", _code(trial))


def _complain_with_a_code(trial: Trial) -> HttpResponse:
    make_decided(trial.world.tenants["foreign"], code=CODE)
    return trial.post("notices:complain", _code(trial), words="Look again.")


def _decide_by_the_action(trial: Trial) -> HttpResponse:
    notice = make_notice(trial.tenant)
    return trial.act(lambda: actions.decide(notice, by=trial.visitor, **KEPT))


def _decide_the_complaint_by_the_action(trial: Trial) -> HttpResponse:
    notice = make_complained(trial.tenant)
    return trial.act(lambda: actions.decide_complaint(notice, by=trial.visitor, **KEPT))


def _complain_by_the_action(trial: Trial) -> HttpResponse:
    notice = make_decided(trial.tenant)
    return trial.act(lambda: actions.complain(notice, by=trial.visitor, text="Look again."))


def _about_mine(trial: Trial) -> Notice:
    """A decision about what the actor wrote, in an organisation of others."""
    return make_decided(trial.world.tenants["foreign"], concerned=trial.me)


def _answer_by_the_action(trial: Trial) -> HttpResponse:
    notice = make_feedback(trial.tenant)
    return trial.act(lambda: actions.answer(notice, by=trial.visitor, words="It is repaired."))


NEW, SEND = ("notices:new",), ("notices:send",)
RECEIPT, COMPLAIN = ("notices:receipt",), ("notices:complain",)
NOTICE, DECIDE, SECOND = ("notices:notice",), ("notices:decide",), ("notices:decide_complaint",)
DECISION, COMPLAIN_HERE = ("notices:decision",), ("notices:complain_here",)
FEEDBACK, ANSWER = ("notices:feedback",), ("notices:answer",)

PROBES = [
    # G1: anyone sends one; the code is the key to its page.
    Probe("G1", "C", "form", lambda t: t.get("notices:new", about=_entry(t)), NEW),
    Probe("G1", "C", "send", lambda t: _send(t, _entry(t)), SEND, journals=True),
    Probe("G1", "C", "send, the action", lambda t: _send_by_the_action(t, _entry(t)), journals=True),
    Probe(
        "G1",
        "C",
        "API, send",
        lambda t: t.tell_api("api:notice", about=_entry(t), text="This is not so."),
        ("api:notice",),
        journals=True,
    ),
    Probe("G1", "R", "receipt", _receipt, RECEIPT, SENT),
    # G2: those who answer for the thing.
    Probe("G2", "R", "queue", lambda t: t.get("notices:queue"), ("notices:queue",), OWN),
    Probe("G2", "R", "page", lambda t: t.get("notices:notice", make_notice(t.tenant).number), NOTICE),
    Probe(
        "G2",
        "M",
        "decide",
        lambda t: t.post("notices:decide", make_notice(t.tenant).number, **KEPT),
        DECIDE,
        journals=True,
    ),
    Probe("G2", "M", "decide, the action", _decide_by_the_action, journals=True),
    Probe(
        "G2",
        "M",
        "decide the complaint",
        lambda t: t.post("notices:decide_complaint", make_complained(t.tenant).number, **KEPT),
        SECOND,
        journals=True,
    ),
    Probe("G2", "M", "decide the complaint, the action", _decide_the_complaint_by_the_action, journals=True),
    # G3: the decision, for who sent the notice, who wrote the thing, who answers for it.
    Probe("G3", "R", "receipt", _receipt_of_a_decision, RECEIPT, SENT),
    Probe("G3", "R", "page", lambda t: t.get("notices:decision", make_decided(t.tenant).number), DECISION),
    Probe(
        "G3",
        "R",
        "page about mine",
        lambda t: t.get("notices:decision", _about_mine(t).number),
        DECISION,
        MINE,
        WITH_ACCOUNT,
    ),
    Probe(
        "G3",
        "R",
        "list",
        lambda t: t.get("notices:decisions"),
        ("notices:decisions",),
        MINE,
        WITH_ACCOUNT,
    ),
    Probe("G3", "C", "complain with a code", _complain_with_a_code, COMPLAIN, SENT, journals=True),
    Probe(
        "G3",
        "C",
        "complain",
        lambda t: t.post("notices:complain_here", make_decided(t.tenant).number, words="Look again."),
        COMPLAIN_HERE,
        journals=True,
    ),
    Probe(
        "G3",
        "C",
        "complain about mine",
        lambda t: t.post("notices:complain_here", _about_mine(t).number, words="Look again."),
        COMPLAIN_HERE,
        MINE,
        journals=True,
    ),
    Probe("G3", "C", "complain, the action", _complain_by_the_action, journals=True),
    # G4: feedback about the site, or about one organisation's pages.
    Probe(
        "G4",
        "C",
        "form",
        lambda t: t.get("notices:new", about=f"site:accessibility:{t.tenant.slug}"),
        NEW,
    ),
    Probe("G4", "C", "send", lambda t: _send(t, "site:privacy"), SEND, journals=True),
    Probe("G4", "C", "send, the action", lambda t: _send_by_the_action(t, "site:privacy"), journals=True),
    Probe("G4", "R", "receipt", _receipt_of_feedback, RECEIPT, SENT),
    Probe("G4", "R", "list", lambda t: t.get("notices:feedback_list"), ("notices:feedback_list",), OWN),
    Probe("G4", "R", "page", lambda t: t.get("notices:feedback", make_feedback(t.tenant).number), FEEDBACK),
    Probe(
        "G4",
        "U",
        "answer",
        lambda t: t.post("notices:answer", make_feedback(t.tenant).number, words="It is repaired."),
        ANSWER,
        journals=True,
    ),
    Probe("G4", "U", "answer, the action", _answer_by_the_action, journals=True),
]
