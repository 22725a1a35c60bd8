"""Rows A1, A2, A4, A7 and A8: organisations' pages, drafts, consortia, corrections, confirmations."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone

from koinon.network.actions import corrections
from koinon.network.models import Confirmation, Correction, Organisation, Role
from koinon.network.models.corrections import hash_of
from koinon.people.testing import make_person
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import TENANTS

CODE = "a-code-that-only-its-holder-knows"
HOLDING = ("holder", "stranger")
AUTHORITY = ("authority",)
LEAD = frozenset({"CLD"})


def _edit(trial: Trial, name: str, row: Organisation) -> HttpResponse:
    sent = {"name": "Another name", "version": row.version}
    return trial.post(f"network:{name}", row.slug, **sent)


def _draft(trial: Trial) -> Organisation:
    trial.tenant.published = False
    trial.tenant.save(update_fields=["published"])
    return trial.tenant


def _take_away(trial: Trial) -> None:
    """The tenant is gone from its address."""
    Organisation.objects.filter(pk=trial.tenant.pk).update(slug="matrix-gone")


def _take_authority_away(trial: Trial) -> None:
    Organisation.objects.filter(slug="matrix-authority").update(slug="matrix-gone")


def _decide(trial: Trial, of: Organisation) -> HttpResponse:
    correction = Correction.objects.filter(organisation=of).first() or Correction.objects.create(
        organisation=of, about=Correction.About.HOST, text="Another host.", receipt="0" * 64
    )
    return trial.post("network:decide", of.slug, correction.pk, decision="decline", reason="It is as it was.")


def _receipt(trial: Trial) -> HttpResponse:
    Correction.objects.create(
        organisation=trial.world.tenants["foreign"],
        about=Correction.About.HOST,
        text="Another host.",
        receipt=hash_of(CODE),
    )
    return trial.get("network:receipt", CODE if trial.relation == "holder" else "another-code")


def _confirmation(trial: Trial) -> str:
    centre = trial.world.tenants["foreign"]
    manager = make_person()
    Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=centre)
    Confirmation.objects.create(
        organisation=centre, person=manager, code=hash_of(CODE), expires_at=timezone.now() + timedelta(days=1)
    )
    return CODE if trial.relation == "holder" else "another-code"


def _publish(trial: Trial, row: Organisation, published: str) -> HttpResponse:
    return trial.post("network:publish", row.slug, published=published)


def _suggest(trial: Trial) -> HttpResponse:
    sent = {"about": "host", "text": "Another host.", "nonce": "nonce-of-the-matrix"}
    return trial.post("network:suggest", trial.tenant.slug, **sent)


def _suggest_about_a_draft(trial: Trial) -> HttpResponse:
    draft = _draft(trial)
    return trial.act(
        lambda: corrections.suggest(
            draft,
            by=trial.visitor,
            about=Correction.About.HOST,
            text="Another host.",
            nonce="nonce-of-the-matrix",
        )
    )


PAGE, EDIT, PUBLISH = ("network:organisation",), ("network:edit",), ("network:publish",)
EDIT_CONSORTIUM = ("network:edit_consortium",)

PROBES = [
    # A1: a published centre.
    Probe("A1", "R", "page", lambda t: t.get("network:organisation", t.tenant.slug), PAGE),
    Probe("A1", "R", "directory", lambda t: t.get("network:directory"), ("network:directory",)),
    Probe("A1", "R", "API, all", lambda t: t.ask_api("api:organisations"), ("api:organisations",)),
    Probe(
        "A1", "R", "API, one", lambda t: t.ask_api("api:organisation", t.tenant.slug), ("api:organisation",)
    ),
    Probe("A1", "U", "form", lambda t: t.get("network:edit", t.tenant.slug), EDIT),
    Probe("A1", "U", "edit", lambda t: _edit(t, "edit", t.tenant), EDIT, journals=True),
    Probe("A1", "P", "take back", lambda t: _publish(t, t.tenant, "no"), PUBLISH, journals=True),
    # A2: a draft. Its existence is nobody else's business.
    Probe(
        "A2", "R", "page", lambda t: t.get("network:organisation", _draft(t).slug), PAGE, without=_take_away
    ),
    Probe(
        "A2",
        "R",
        "API, one",
        lambda t: t.ask_api("api:organisation", _draft(t).slug),
        ("api:organisation",),
        without=_take_away,
    ),
    Probe("A2", "U", "form", lambda t: t.get("network:edit", _draft(t).slug), EDIT, without=_take_away),
    Probe("A2", "U", "edit", lambda t: _edit(t, "edit", _draft(t)), EDIT, journals=True, without=_take_away),
    Probe("A2", "R", "suggest, the action", _suggest_about_a_draft, without=_take_away, journals=True),
    Probe(
        "A2",
        "P",
        "publish",
        lambda t: _publish(t, _draft(t), "yes"),
        PUBLISH,
        journals=True,
        without=_take_away,
    ),
    # A4: a consortium's page.
    Probe("A4", "R", "page", lambda t: t.get("network:organisation", t.consortium.slug), PAGE),
    Probe("A4", "U", "form", lambda t: t.get("network:edit_consortium", t.consortium.slug), EDIT_CONSORTIUM),
    Probe(
        "A4", "U", "edit", lambda t: _edit(t, "edit_consortium", t.consortium), EDIT_CONSORTIUM, journals=True
    ),
    Probe("A4", "P", "take back", lambda t: _publish(t, t.consortium, "no"), PUBLISH, journals=True),
    # A7: corrections. Anyone suggests; who answers for it decides; whoever suggested holds a code.
    Probe("A7", "C", "suggest", _suggest, ("network:suggest",), journals=True),
    Probe(
        "A7",
        "C",
        "API, suggest",
        lambda t: t.tell_api("api:suggest", t.tenant.slug, text="Another host.", about="host"),
        ("api:suggest",),
        journals=True,
    ),
    Probe("A7", "R", "receipt", _receipt, ("network:receipt",), HOLDING),
    Probe(
        "A7",
        "R",
        "list",
        lambda t: t.get("network:corrections", t.tenant.slug),
        ("network:corrections",),
        without=_take_away,
    ),
    Probe(
        "A7",
        "M",
        "decide",
        lambda t: _decide(t, t.tenant),
        ("network:decide",),
        journals=True,
        without=_take_away,
    ),
    Probe(
        "A7",
        "R",
        "list of an authority",
        lambda t: t.get("network:corrections", t.world.authority.slug),
        ("network:corrections",),
        AUTHORITY,
        without=_take_authority_away,
    ),
    Probe(
        "A7",
        "M",
        "decide for an authority",
        lambda t: _decide(t, t.world.authority),
        ("network:decide",),
        AUTHORITY,
        journals=True,
        without=_take_authority_away,
    ),
    # A8: confirming. Only who answers for it: a lead for the consortium's own page, for no member centre.
    Probe(
        "A8", "R", "link", lambda t: t.get("network:confirm", _confirmation(t)), ("network:confirm",), HOLDING
    ),
    Probe(
        "A8",
        "U",
        "link",
        lambda t: t.post("network:confirm", _confirmation(t)),
        ("network:confirm",),
        HOLDING,
        journals=True,
    ),
    Probe(
        "A8",
        "U",
        "here",
        lambda t: t.post("network:confirm_here", t.tenant.slug),
        ("network:confirm_here",),
        TENANTS,
        never=LEAD,
        journals=True,
    ),
    Probe(
        "A8",
        "U",
        "here, a consortium",
        lambda t: t.post("network:confirm_here", t.consortium.slug),
        ("network:confirm_here",),
        TENANTS,
        LEAD,
        journals=True,
    ),
    Probe(
        "A8",
        "U",
        "here, an authority",
        lambda t: t.post("network:confirm_here", t.world.authority.slug),
        ("network:confirm_here",),
        AUTHORITY,
        journals=True,
    ),
]
