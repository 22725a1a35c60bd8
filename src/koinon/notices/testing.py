"""How to make a notice, at any step of its life, for tests."""

import secrets
from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from koinon.network.models import Organisation
from koinon.network.models.corrections import hash_of
from koinon.notices.models import Notice
from koinon.notices.subjects import ACCESSIBILITY, SITE

_number = count(1)


def make_notice(organisation: Organisation | None = None, *, code: str = "", **more: Any) -> Notice:
    """A notice that waits, about an organisation's entry; `code` opens its receipt."""
    values: dict[str, Any] = {
        "number": f"T-{next(_number)}",
        "kind": "organisation",
        "key": organisation.slug if organisation else "unknown",
        "label": organisation.name if organisation else "Unknown",
        "address": organisation.get_absolute_url() if organisation else "",
        "organisation": organisation,
        "reason": Notice.Reason.WRONG,
        "text": "This is not so.",
        "receipt": hash_of(code or secrets.token_urlsafe(24)),
        "due": date(2026, 12, 11),
    }
    return Notice.objects.create(**(values | more))


def make_decided(organisation: Organisation | None = None, *, code: str = "", **more: Any) -> Notice:
    """A notice that was decided a moment ago: kept."""
    values: dict[str, Any] = {
        "outcome": Notice.Outcome.KEPT,
        "ground": Notice.Ground.NOTHING,
        "words": "It is as it was.",
        "decided_at": timezone.now(),
    }
    return make_notice(organisation, code=code, **(values | more))


def make_complained(organisation: Organisation | None = None, *, code: str = "", **more: Any) -> Notice:
    """A decided notice with a complaint that waits."""
    values: dict[str, Any] = {
        "complaint": "Look again.",
        "complaint_side": Notice.Side.NOTIFIER,
        "complained_at": timezone.now(),
        "complaint_due": date(2026, 12, 11),
    }
    return make_decided(organisation, code=code, **(values | more))


def make_feedback(organisation: Organisation | None = None, *, code: str = "", **more: Any) -> Notice:
    """What somebody said about the accessibility of the site, or of one organisation's pages."""
    key = f"{ACCESSIBILITY}:{organisation.slug}" if organisation else ACCESSIBILITY
    values: dict[str, Any] = {"kind": SITE, "key": key, "reason": Notice.Reason.OTHER}
    return make_notice(organisation, code=code, **(values | more))
