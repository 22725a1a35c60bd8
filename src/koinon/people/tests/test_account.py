"""One's own account: seeing, taking and deleting what is kept; keys to the API; what the administrator may."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from koinon.journal.actions import first_broken
from koinon.journal.models import Entry
from koinon.people import actions, mine
from koinon.people.models import Person, Token
from koinon.people.testing import as_visitor, come_in, make_passkey, make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "key", ["a\\000bcdefgh", "\\000" * 12, "\\377" * 12, "' OR 1=1 --", "x" * 5_000, "x"]
)
def test_a_cookie_that_can_be_no_session_is_none(key: str) -> None:
    """Octal escapes between quotes are read as what they stand for, a NUL too."""
    for path, status in (("/account/", 302), ("/", 200), ("/api/v1/organisations", 200)):
        assert Client().get(path, headers={"Cookie": f'koinon="{key}"'}).status_code == status


def test_everything_that_is_kept_can_be_taken() -> None:
    ana = make_person("ana@gent.example", name="Ana")
    make_passkey(ana, "phone")
    actions.make_token(ana, by=None, label="my script", scopes=["read"])

    answer = come_in(Client(), ana).get(reverse("people:data"))
    taken = json.loads(answer.content)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert set(taken) == set(mine.exports)
    assert (taken["account"]["email"], taken["account"]["name"]) == ("ana@gent.example", "Ana")
    assert taken["account"]["tokens"][0]["label"] == "my script"


def test_deleting_forgets_the_person_and_the_journal_still_holds() -> None:
    ana = make_person("ana@gent.example", name="Ana Unmistakable")
    make_passkey(ana)
    actions.make_token(ana, by=None, label="script", scopes=["read"])
    actions.make_link(ana)
    client = come_in(Client(), ana, how="mfa")
    client.post(reverse("people:account"), {"name": "Ana Unmistakable", "language": "nl"})

    answer = client.post(reverse("people:close"), {"email": "ana@gent.example"})

    assert answer.status_code == 200
    left = Person.objects.get()
    assert (left.name, left.is_active, left.email) == ("", False, f"erased-{left.pk}@erased.invalid")
    assert [EmailAddress.objects.count(), Authenticator.objects.count(), Token.objects.count()] == [0, 0, 0]
    journal = str(list(Entry.objects.values()))
    assert "Unmistakable" not in journal
    assert "gent.example" not in journal
    assert first_broken() is None
    assert client.get(reverse("people:account")).status_code == 302


def test_deleting_wants_the_address_typed_and_a_fresh_proof() -> None:
    ana = make_person("ana@gent.example")

    unproved = come_in(Client(), ana).post(reverse("people:close"), {"email": ana.email})
    mistyped = come_in(Client(), ana, proved=True).post(
        reverse("people:close"), {"email": "ben@gent.example"}
    )

    assert unproved.headers["Location"].startswith(reverse("account_request_reauthentication_code"))
    assert mistyped.status_code == 422
    assert Person.objects.filter(erased=None).get() == ana


def test_who_is_still_needed_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    ana = make_person()
    monkeypatch.setattr(mine, "keepers", [lambda person: "You are needed."])

    with pytest.raises(ValidationError, match="You are needed"):
        actions.erase(ana, by=as_visitor(ana))


def test_nobody_else_closes_an_account() -> None:
    ana, ben = make_person(), make_person()

    for visitor in (as_visitor(), as_visitor(ben)):
        with pytest.raises(PermissionDenied):
            actions.erase(ana, by=visitor)
        with pytest.raises(PermissionDenied):
            actions.export(ana, by=visitor)


def test_the_page_shows_the_sign_ins() -> None:
    ana = make_person()
    actions.note_sign_in(ana, how="mfa")
    actions.note_sign_in(make_person(), how="code")

    answer = come_in(Client(), ana).get(reverse("people:sign_ins"))

    assert [entry.details for entry in answer.context["sign_ins"]] == [{"how": "mfa"}]


# Keys to the API


def test_a_token_is_shown_once_and_kept_as_a_fingerprint() -> None:
    ana = make_person()
    client = come_in(Client(), ana, proved=True)

    made = client.post(reverse("people:tokens"), {"label": "script", "scopes": ["read"]})
    secret = made.context["new_secret"]

    assert made.status_code == 201
    assert secret in made.content.decode()
    assert secret not in client.get(reverse("people:account")).content.decode()
    assert secret not in str(list(Token.objects.values()))
    assert actions.use_token(secret) == Token.objects.get()


def test_a_revoked_token_or_one_of_a_locked_account_opens_nothing() -> None:
    ana = make_person()
    token, first = actions.make_token(ana, by=None, label="a", scopes=["read"])
    _, second = actions.make_token(ana, by=None, label="b", scopes=["read"])

    actions.revoke_token(token, by=as_visitor(ana))
    assert (actions.use_token(first), actions.use_token(second) is None) == (None, False)
    Person.objects.update(is_active=False)

    assert actions.use_token(second) is None


def test_somebody_elses_token_cannot_be_revoked() -> None:
    token, _ = actions.make_token(make_person(), by=None, label="a", scopes=["read"])
    client = come_in(Client(), make_person())

    answer = client.post(reverse("people:revoke", args=[token.pk]))

    assert answer.status_code == 403
    token.refresh_from_db()
    assert token.revoked is None


def test_making_a_token_needs_a_fresh_proof() -> None:
    ana = make_person()
    make_passkey(ana)

    answer = come_in(Client(), ana, proved=True).post(
        reverse("people:tokens"), {"label": "a", "scopes": ["read"]}
    )
    by_code_only = come_in(Client(), make_person()).post(
        reverse("people:tokens"), {"label": "a", "scopes": ["read"]}
    )

    assert answer.status_code == 201
    assert by_code_only.status_code == 302
    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"label": "", "scopes": ["read"]},
        {"label": "a", "scopes": []},
        {"label": "a", "scopes": ["everything"]},
        {"label": "a\u202eb", "scopes": ["read"]},
        {"label": "x" * 10_000, "scopes": ["read"]},
    ],
)
def test_a_token_that_is_none_is_refused(sent: dict[str, object]) -> None:
    client = come_in(Client(), make_person(), proved=True)

    assert client.post(reverse("people:tokens"), sent).status_code == 422
    assert Token.objects.count() == 0


def test_the_command_prints_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    ana = make_person("ana@gent.example")

    call_command("token", "ana@gent.example")

    token = actions.use_token(capsys.readouterr().out.strip())
    assert token is not None
    assert token.person == ana
    with pytest.raises(CommandError):
        call_command("token", "nobody@gent.example")
