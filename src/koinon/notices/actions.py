"""What can be done with a notice: send it, decide, complain, decide the complaint, answer feedback."""

import base64
import secrets
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from koinon.base.languages import in_language
from koinon.base.visitor import Visitor, require
from koinon.base.workdays import add_working_days
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.network.models import Organisation
from koinon.network.models.corrections import hash_of
from koinon.notices import subjects
from koinon.notices.models import Decision, Notice
from koinon.notices.permissions import (
    may_answer,
    may_complain,
    may_decide_complaint,
    may_feed_back,
    may_handle,
    may_send,
)
from koinon.people.models import Person

DECIDED_MAIL = "notices/mail/decided"
CONCERNED_MAIL = "notices/mail/concerned"
WORKING_DAYS = 10
# Article 20 of Regulation (EU) 2022/2065: complaints are taken for at least six months.
COMPLAINTS_FOR = timedelta(days=183)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Decided(Exception):
    """Somebody decided before."""


class KeyUsed(Exception):
    """The Idempotency-Key came before, with another body."""


class NoComplaint(Exception):
    """There is nothing to complain about: not decided yet, complained before, or too long ago."""


class NotPossible(Exception):
    """Things of this kind cannot be taken off the site from here."""


@transaction.atomic
def send(
    about: str,
    *,
    by: Visitor,
    reason: str = Notice.Reason.OTHER,
    text: str,
    email: str = "",
    language: str = "en",
    nonce: str = "",
    key: str = "",
) -> tuple[Notice, str]:
    """Report a thing that one may see. Returns the notice and the code of its private page, which is kept nowhere.

    The code is made of the form's nonce and what was typed, under the installation's secret: sent twice, the same form
    gives the same notice. Who sent it is not written down. An Idempotency-Key (`key`) acts once; with another body it
    raises `KeyUsed`.
    """
    found = subjects.find(about, by)
    if found is None:
        raise Http404
    kind, of, subject = found
    require(may_feed_back(by) if kind == subjects.SITE else may_send(by))
    typed = "\x1f".join((nonce or key or secrets.token_urlsafe(16), kind, of, reason, text, email))
    made = salted_hmac("koinon.notices.receipt", typed, algorithm="sha256").digest()
    code = base64.urlsafe_b64encode(made[:24]).decode()
    receipt, once = hash_of(code), hash_of(key) if key else None
    if once and Notice.objects.filter(once=once).exclude(receipt=receipt).exists():
        raise KeyUsed
    try:
        notice, is_new = Notice.objects.get_or_create(
            receipt=receipt,
            defaults={
                "once": once,
                "number": _number(code),
                "kind": kind,
                "key": of,
                "label": subject.label[:300],
                "address": subject.address[:500],
                "organisation": subject.organisation,
                "concerned_id": subject.author_id,
                "reason": reason,
                "text": text,
                "email": email,
                "language": language,
                "due": _due(subject.organisation),
            },
        )
    except IntegrityError as trouble:
        if not key:
            raise
        # Another body with this key was written a moment ago.
        raise KeyUsed from trouble
    if is_new:
        _record("notice.sent", notice, by=None)
    return notice, code


def held_by(code: str) -> Notice | None:
    """The notice whose receipt has this code."""
    return Notice.objects.filter(receipt=hash_of(code)).select_related("organisation").first()


@transaction.atomic
def decide(notice: Notice, *, by: Visitor, outcome: str, ground: str, words: str) -> Notice:
    """Decide on a notice, with reasons. Decided once, it stays; who sent it and who wrote the thing are told."""
    require(not notice.is_feedback and may_handle(by, notice))
    _hold_possible(notice, outcome)
    done = Notice.objects.filter(pk=notice.pk, decided_at__isnull=True).update(
        outcome=outcome,
        ground=ground,
        words=words,
        decided_by=by.person_id,
        decided_at=timezone.now(),
    )
    if not done:
        raise Decided
    notice.refresh_from_db()
    _carry_out(notice, by=by, before="", after=outcome, ground=ground, words=words)
    _record("notice.decided", notice, by=by, outcome=outcome, ground=ground)
    _tell_sender(notice, "decision", outcome, ground, words)
    return notice


@transaction.atomic
def complain(notice: Notice, *, by: Visitor, text: str, code: str = "") -> Notice:
    """Complain about a decision, once: who sent the notice (by its code), who wrote the thing, who answers for it."""
    holds_code = bool(code) and constant_time_compare(hash_of(code), notice.receipt)
    require(not notice.is_feedback and may_complain(by, notice, holds_code=holds_code))
    side = Notice.Side.ORGANISATION
    if by.person_id == notice.concerned_id:
        side = Notice.Side.CONCERNED
    if holds_code:
        side = Notice.Side.NOTIFIER
    done = Notice.objects.filter(
        pk=notice.pk, decided_at__gte=timezone.now() - COMPLAINTS_FOR, complained_at__isnull=True
    ).update(
        complaint=text,
        complaint_side=side,
        complainant=_trace(notice, by),
        complained_at=timezone.now(),
        complaint_due=_due(notice.organisation),
    )
    if not done:
        raise NoComplaint
    notice.refresh_from_db()
    # Which account sent a notice is nobody's business; who answers for a thing speaks in its name.
    speaks = by if side == Notice.Side.ORGANISATION else None
    _record("notice.complained", notice, by=speaks, side=side)
    return notice


@transaction.atomic
def decide_complaint(notice: Notice, *, by: Visitor, outcome: str, ground: str, words: str) -> Notice:
    """Decide on the complaint: never who decided first, nor who complained. The outcome may be the same or another."""
    require(
        not notice.is_feedback and may_decide_complaint(by, notice, is_complainant=complained(notice, by))
    )
    _hold_possible(notice, outcome)
    done = Notice.objects.filter(
        pk=notice.pk, complained_at__isnull=False, complaint_decided_at__isnull=True
    ).update(
        complaint_outcome=outcome,
        complaint_ground=ground,
        complaint_words=words,
        complaint_decided_by=by.person_id,
        complaint_decided_at=timezone.now(),
    )
    if not done:
        raise Decided
    notice.refresh_from_db()
    _carry_out(notice, by=by, before=notice.outcome, after=outcome, ground=ground, words=words)
    _record("notice.complaint_decided", notice, by=by, outcome=outcome, ground=ground)
    _tell_sender(notice, "complaint", outcome, ground, words)
    return notice


@transaction.atomic
def answer(notice: Notice, *, by: Visitor, words: str) -> Notice:
    """Answer what somebody said about the site: its accessibility, personal data."""
    require(notice.is_feedback and may_answer(by, notice))
    done = Notice.objects.filter(pk=notice.pk, decided_at__isnull=True).update(
        outcome=Notice.Outcome.ANSWERED,
        words=words,
        decided_by=by.person_id,
        decided_at=timezone.now(),
    )
    if not done:
        raise Decided
    notice.refresh_from_db()
    _record("notice.answered", notice, by=by)
    _tell_sender(notice, "decision", Notice.Outcome.ANSWERED, "", words)
    return notice


def complained(notice: Notice, by: Visitor) -> bool:
    """Whether the complaint came from this account."""
    return bool(notice.complainant) and constant_time_compare(notice.complainant, _trace(notice, by))


def complaint_is_open(notice: Notice) -> bool:
    """Whether the decision can still be complained about."""
    return (
        not notice.is_feedback
        and notice.decided_at is not None
        and notice.complained_at is None
        and notice.decided_at >= timezone.now() - COMPLAINTS_FOR
    )


@transaction.atomic
def forget_addresses() -> int:
    """Erase the e-mail address of who sent a notice once nothing more can come; returns how many."""
    over = timezone.now() - COMPLAINTS_FOR
    ended = Notice.objects.alias(ended=Coalesce("complaint_decided_at", "decided_at"))
    old = ended.filter(ended__lt=over).exclude(email="").done()
    return Notice.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(email="")


def decisions_about(person: Person) -> list[dict[str, Any]]:
    """For the copy of a person's data: what was decided about what it wrote."""
    return [
        {
            "number": row.number,
            "about": row.label,
            "outcome": row.stands,
            "reasons": row.complaint_words or row.words,
            "decided": row.complaint_decided_at or row.decided_at,
        }
        for row in Decision.objects.get_queryset().filter(concerned=person).latest_first()
    ]


def _number(code: str) -> str:
    """A number to speak about, which tells neither the code nor how many notices there are."""
    made = salted_hmac("koinon.notices.number", code, algorithm="sha256").digest()
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in made[:8])
    return f"N-{letters[:4]}-{letters[4:]}"


def _trace(notice: Notice, by: Visitor) -> str:
    return salted_hmac(
        "koinon.notices.complainant", f"{notice.receipt}:{by.person_id}", algorithm="sha256"
    ).hexdigest()


def _due(organisation: Organisation | None) -> date:
    country = organisation.country if organisation and organisation.country else "EU"
    return add_working_days(timezone.localdate(), WORKING_DAYS, country)


def _hold_possible(notice: Notice, outcome: str) -> None:
    if outcome == Notice.Outcome.RESTRICTED and not notice.can_withdraw:
        raise NotPossible


def _carry_out(notice: Notice, *, by: Visitor, before: str, after: str, ground: str, words: str) -> None:
    """Take the thing off the site, or bring it back, and tell who wrote it."""
    kind = subjects.kinds.get(notice.kind)
    off = Notice.Outcome.RESTRICTED
    if kind and kind.withdraw and after == off and before != off:
        kind.withdraw(notice.key, ground, words, by)
    if kind and kind.restore and before == off and after != off:
        kind.restore(notice.key, by)
    if (before == off) != (after == off):
        _tell_concerned(notice, is_off=after == off, ground=ground, words=words)


def _tell_concerned(notice: Notice, *, is_off: bool, ground: str, words: str) -> None:
    """Who wrote it hears that it was taken off, or brought back, why, and where to complain; nothing of who sent the notice.

    What stays as it is makes no mail: whoever reports things cannot trouble people with it.
    """
    person = notice.concerned
    if person is None or not person.is_active:
        return
    context = {
        "notice": notice,
        "is_off": is_off,
        "ground": Notice.Ground(ground).label if ground else "",
        "words": words,
        "may_complain": is_off and notice.complained_at is None,
        "page": site() + in_language(reverse("notices:decision", args=[notice.number]), person.language),
    }
    key = f"notice:{notice.pk}:concerned:{'off' if is_off else 'back'}"
    mail.send(person.email, CONCERNED_MAIL, context, language=person.language, key=key)


def _tell_sender(notice: Notice, step: str, outcome: str, ground: str, words: str) -> None:
    if not notice.email:
        return
    context = {
        "notice": notice,
        "outcome": Notice.Outcome(outcome).label,
        "ground": Notice.Ground(ground).label if ground else "",
        "words": words,
        "is_complaint": step == "complaint",
    }
    key = f"notice:{notice.pk}:{step}"
    mail.send(notice.email, DECIDED_MAIL, context, language=notice.language, key=key)


def _record(verb: str, notice: Notice, *, by: Visitor | None, **details: Any) -> None:
    about = {"organisation": notice.organisation_id, "kind": notice.kind}
    journal.record(verb, by=by, what=notice, details=about | details, public=False)
