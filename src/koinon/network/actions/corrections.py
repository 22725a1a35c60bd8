"""Corrections: anyone suggests one, the owner decides, the proposer is told."""

import base64

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from koinon.base.languages import in_language
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.network.models import Correction, Organisation
from koinon.network.models.corrections import hash_of
from koinon.network.permissions.facts import may_decide, may_suggest

DECIDED_MAIL = "network/mail/decided"


class Decided(Exception):
    """Somebody decided before."""


class KeyUsed(Exception):
    """The Idempotency-Key came before, with another body."""


@transaction.atomic
def suggest(
    organisation: Organisation,
    *,
    by: Visitor,
    about: str,
    text: str,
    email: str = "",
    language: str = "en",
    nonce: str,
    key: str = "",
) -> tuple[Correction, str]:
    """Say that a fact is wrong. Returns the correction and the code of its private page, which is kept nowhere.

    The code is made of the form's nonce and what was typed, under the installation's secret: sent twice, the same form
    gives the same correction. An Idempotency-Key (`key`) acts once; with another body it raises `KeyUsed`.
    """
    require(may_suggest(by, organisation), hidden=True)
    typed = "\x1f".join((nonce, str(organisation.pk), about, text, email))
    made = salted_hmac("koinon.network.correction", typed, algorithm="sha256").digest()
    code = base64.urlsafe_b64encode(made[:24]).decode()
    receipt = hash_of(code)
    if key and Correction.objects.filter(key=hash_of(key)).exclude(receipt=receipt).exists():
        raise KeyUsed
    try:
        correction, is_new = Correction.objects.get_or_create(
            receipt=receipt,
            defaults={
                "key": hash_of(key) if key else None,
                "organisation": organisation,
                "about": about,
                "text": text,
                "email": email,
                "language": language,
            },
        )
    except IntegrityError as trouble:
        if not key:
            raise
        # Another body with this key was written a moment ago.
        raise KeyUsed from trouble
    if is_new:
        # Who suggested it is not written down.
        journal.record(
            "correction.suggested",
            by=None,
            what=correction,
            details={"organisation": organisation.pk},
            public=False,
        )
    return correction, code


@transaction.atomic
def decide(correction: Correction, *, by: Visitor, accept: bool, reason: str) -> Correction:
    """The owner accepts or declines, with a reason; who left an address is told. Decided once, it stays."""
    require(may_decide(by, correction.organisation), hidden=True)
    state = Correction.State.ACCEPTED if accept else Correction.State.DECLINED
    done = (
        Correction.objects.open()
        .filter(pk=correction.pk)
        .update(state=state, reason=reason, decided_by=by.person_id, decided_at=timezone.now())
    )
    if not done:
        raise Decided
    correction.refresh_from_db()
    journal.record(
        f"correction.{state}",
        by=by,
        what=correction,
        details={"organisation": correction.organisation_id, "reason": reason},
        public=False,
    )
    if correction.email:
        page = in_language(reverse("network:organisation", args=[correction.organisation.slug]), "en")
        context = {"correction": correction, "page": site() + page}
        mail.send(
            correction.email,
            DECIDED_MAIL,
            context,
            language=correction.language,
            key=f"correction:{correction.pk}",
        )
    return correction
