"""Rows H1 to H4 and H8: one's own account, others' accounts, roles, tokens, the journal."""

from django.http import HttpResponse

from koinon.network.actions import roles
from koinon.network.models import Organisation, Role
from koinon.people import actions
from koinon.people.models import Token
from koinon.people.testing import make_passkey, make_person
from tests.matrix.probing import LOGIN, Probe, Trial
from tests.matrix.table import ACTORS, PERSONAL

MINE = ("mine",)
ADMIN = frozenset({"ADM"})
EVERYBODY = frozenset(ACTORS)


# H1: one's own account. The addresses name nobody, so they reach one's own alone; what is another's is tried by the action.


def _profile(trial: Trial) -> HttpResponse:
    return trial.post("people:account", name="New Name", language="fr")


def _change_profile_of_somebody(trial: Trial) -> HttpResponse:
    return trial.act(
        lambda: actions.change_profile(trial.somebody, by=trial.visitor, name="New Name", language="fr")
    )


def _close(trial: Trial) -> HttpResponse:
    return trial.post("people:close", email=trial.me.email if trial.me else "")


def _erase_somebody(trial: Trial) -> HttpResponse:
    return trial.act(lambda: actions.erase(trial.somebody, by=trial.visitor))


def _export_somebody(trial: Trial) -> HttpResponse:
    return trial.act(lambda: actions.export(trial.somebody, by=trial.visitor))


def _remove_passkey(trial: Trial) -> HttpResponse:
    return trial.get("mfa_remove_webauthn", make_passkey(trial.somebody).pk)


def _leave(trial: Trial) -> HttpResponse:
    centre = trial.world.tenants["foreign"]
    role = Role.objects.create(person=trial.somebody, kind=Role.Kind.EDITOR, organisation=centre)
    return trial.post("network:leave", role.pk)


def _sign_out_everywhere(trial: Trial) -> HttpResponse:
    """It ends where signing in begins, for those who were signed in; so what tells is whether it was done."""
    answer = trial.post("people:leave_everywhere")
    done = answer.headers.get("Location") == LOGIN
    return HttpResponse(status=200) if done else answer


# H2: another's account.


def _other(trial: Trial) -> HttpResponse:
    return trial.get("people:other", make_person().pk)


def _lock(trial: Trial) -> HttpResponse:
    return trial.post("people:other", make_person().pk, deed="lock")


def _unlock(trial: Trial) -> HttpResponse:
    return trial.post("people:other", make_person(is_active=False).pk, deed="unlock")


def _begin_anew(trial: Trial) -> HttpResponse:
    return trial.post("people:other", make_person().pk, deed="begin_anew")


# H3: letting in and out.


def _invite(trial: Trial) -> HttpResponse:
    return trial.post("network:invite", trial.tenant.slug, email="new@matrix.example", kind=Role.Kind.EDITOR)


def _invite_a_manager(trial: Trial) -> HttpResponse:
    return trial.post("network:invite", trial.tenant.slug, email="new@matrix.example", kind=Role.Kind.MANAGER)


def _invite_a_lead(trial: Trial) -> HttpResponse:
    return trial.post(
        "network:invite", trial.consortium.slug, email="new@matrix.example", kind=Role.Kind.LEAD
    )


def _invite_a_coordinator(trial: Trial) -> HttpResponse:
    return trial.post(
        "network:invite", trial.tenant.slug, email="new@matrix.example", kind=Role.Kind.COORDINATOR
    )


def _invite_an_administrator(trial: Trial) -> HttpResponse:
    return trial.post(
        "network:invite", trial.tenant.slug, email="new@matrix.example", kind=Role.Kind.ADMINISTRATOR
    )


def _invite_oneself(trial: Trial) -> HttpResponse:
    email = trial.me.email if trial.me else "anybody@matrix.example"
    return trial.post("network:invite", trial.tenant.slug, email=email, kind=Role.Kind.EDITOR)


def _end(trial: Trial, kind: str, where: Organisation) -> HttpResponse:
    role = Role.objects.create(person=make_person(), kind=kind, organisation=where)
    return trial.post("network:end_role", where.slug, role.pk)


def _end_an_editor(trial: Trial) -> HttpResponse:
    return _end(trial, Role.Kind.EDITOR, trial.tenant)


def _end_a_lead(trial: Trial) -> HttpResponse:
    return _end(trial, Role.Kind.LEAD, trial.consortium)


def _end_by_action(trial: Trial) -> HttpResponse:
    role = Role.objects.create(person=make_person(), kind=Role.Kind.EDITOR, organisation=trial.tenant)
    return trial.act(lambda: roles.end(role, by=trial.visitor))


# H4: tokens.


def _make_token(trial: Trial) -> HttpResponse:
    return trial.post("people:tokens", label="script", scopes=["read"])


def _make_token_for_somebody(trial: Trial) -> HttpResponse:
    return trial.act(
        lambda: actions.make_token(trial.somebody, by=trial.visitor, label="script", scopes=["read"])
    )


def _revoke(trial: Trial) -> HttpResponse:
    token = Token.objects.create(person=trial.somebody, label="script", hash="0" * 64, scopes=["read"])
    return trial.post("people:revoke", token.pk)


PROBES = [
    Probe("H1", "R", "account", lambda t: t.get("people:account"), ("people:account",), MINE),
    Probe("H1", "U", "profile", _profile, ("people:account",), MINE, journals=True),
    Probe("H1", "U", "profile of", _change_profile_of_somebody, (), PERSONAL, journals=True),
    Probe("H1", "X", "data", lambda t: t.get("people:data"), ("people:data",), MINE),
    Probe("H1", "X", "data of", _export_somebody, (), PERSONAL),
    Probe("H1", "D", "close", _close, ("people:close",), MINE, journals=True),
    Probe("H1", "D", "erase", _erase_somebody, (), PERSONAL, journals=True),
    Probe(
        "H1",
        "U",
        "sign out everywhere",
        lambda t: t.act(lambda: actions.sign_out_everywhere(t.somebody, by=t.visitor)),
        (),
        PERSONAL,
        journals=True,
    ),
    Probe(
        "H1",
        "U",
        "leave everywhere",
        _sign_out_everywhere,
        ("people:leave_everywhere",),
        MINE,
        journals=True,
    ),
    Probe("H1", "U", "leave", _leave, ("network:leave",), PERSONAL, journals=True),
    Probe("H1", "R", "passkeys", lambda t: t.get("mfa_index"), ("mfa_index", "mfa_list_webauthn"), MINE),
    Probe("H1", "R", "make a passkey", lambda t: t.get("mfa_add_webauthn"), ("mfa_add_webauthn",), MINE),
    Probe("H1", "U", "make a passkey", lambda t: t.post("mfa_add_webauthn"), ("mfa_add_webauthn",), MINE),
    Probe("H1", "R", "remove a passkey", _remove_passkey, ("mfa_remove_webauthn",), MINE),
    Probe("H1", "R", "address", lambda t: t.get("account_email"), ("account_email",), MINE),
    Probe("H1", "U", "address", lambda t: t.post("account_email"), ("account_email",), MINE),
    *(
        Probe("H1", right, f"prove: {name}", ask, (name,), MINE)
        for name in (
            "account_request_reauthentication_code",
            "account_confirm_reauthentication_code",
            "mfa_reauthenticate_webauthn",
        )
        for right, ask in (
            ("R", lambda t, name=name: t.get(name)),
            ("U", lambda t, name=name: t.post(name)),
        )
    ),
    Probe("H2", "R", "people", lambda t: t.get("network:people", t.tenant.slug), ("network:people",)),
    Probe("H2", "R", "find", lambda t: t.get("people:others"), ("people:others",), ("another's",), ADMIN),
    Probe("H2", "R", "other", _other, ("people:other",), ("another's",), ADMIN),
    Probe("H2", "U", "lock", _lock, ("people:other",), ("another's",), journals=True),
    Probe("H2", "U", "unlock", _unlock, ("people:other",), ("another's",), journals=True),
    Probe("H2", "U", "begin anew", _begin_anew, ("people:other",), ("another's",), journals=True),
    Probe("H3", "A", "invite", _invite, ("network:invite",), journals=True),
    Probe("H3", "A", "invite a manager", _invite_a_manager, ("network:invite",), journals=True),
    Probe("H3", "A", "end", _end_an_editor, ("network:end_role",), journals=True),
    Probe("H3", "A", "end, the action", _end_by_action, (), journals=True),
    # Never above one's own rank.
    Probe("H3", "A", "invite a lead", _invite_a_lead, only=frozenset({"NCO", "ADM"}), journals=True),
    Probe("H3", "A", "end a lead", _end_a_lead, only=frozenset({"NCO", "ADM"}), journals=True),
    # A second person is needed: not over the web.
    Probe("H3", "A", "invite a coordinator", _invite_a_coordinator, never=EVERYBODY),
    Probe("H3", "A", "invite an administrator", _invite_an_administrator, never=EVERYBODY),
    # Never oneself.
    Probe("H3", "A", "invite oneself", _invite_oneself, never=EVERYBODY),
    Probe("H4", "R", "tokens", lambda t: t.get("people:tokens"), ("people:tokens",), MINE),
    Probe("H4", "C", "make", _make_token, ("people:tokens",), MINE, journals=True),
    Probe("H4", "C", "make for", _make_token_for_somebody, (), PERSONAL, journals=True),
    Probe("H4", "D", "revoke", _revoke, ("people:revoke",), PERSONAL, journals=True),
    Probe("H8", "R", "sign-ins", lambda t: t.get("people:sign_ins"), ("people:sign_ins",), MINE),
    Probe("H8", "R", "journal", lambda t: t.get("network:journal", t.tenant.slug), ("network:journal",)),
]
