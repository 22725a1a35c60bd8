"""Signing in: by a mailed code, a link, a passkey; what it never tells; how it is guarded."""

import json
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from koinon.people import actions
from koinon.people.models import Person, SignInLink
from koinon.people.testing import Device, come_in, make_passkey, make_person

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
THEIRS = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def browser() -> Client:
    """A browser: holds cookies, and Django checks its forms as it does outside of tests."""
    return Client(enforce_csrf_checks=True)


def ask(browser: Client, email: str) -> str:
    """Ask for a code; returns it from the mail."""
    answer = browser.post(reverse("account_login"), {"email": email}, headers=OURS)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/code/")
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def give(browser: Client, code: str) -> int:
    return browser.post(reverse("account_confirm_login_code"), {"code": code}, headers=OURS).status_code


def is_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def test_the_page_sets_no_cookie_and_needs_no_script(browser: Client) -> None:
    answer = browser.get("/account/login/")

    assert answer.status_code == 200
    assert not browser.cookies
    assert "csrfmiddlewaretoken" not in answer.content.decode()


def test_a_mailed_code_signs_in(browser: Client) -> None:
    ana = make_person("ana@gent.example")

    code = ask(browser, "Ana@Gent.example")

    assert mail.outbox[-1].to == ["ana@gent.example"]
    assert "ana@gent.example" not in browser.get("/account/login/code/").content.decode()
    assert give(browser, code) == 302
    assert is_in(browser)
    assert Person.objects.get() == ana


def test_a_new_address_becomes_an_account_only_when_its_code_is_proved(browser: Client) -> None:
    code = ask(browser, "new@gent.example")
    assert Person.objects.count() == 0

    assert give(browser, code) == 302

    assert is_in(browser)
    assert Person.objects.get().email == "new@gent.example"


def test_nobody_learns_whether_an_account_exists() -> None:
    make_person("known@gent.example")
    seen = []
    for email in ("known@gent.example", "nobody@gent.example"):
        browser = Client(enforce_csrf_checks=True)
        first = browser.post(reverse("account_login"), {"email": email}, headers=OURS)
        second = browser.get("/account/login/code/")
        wrong = browser.post("/account/login/code/", {"code": "000000"}, headers=OURS)
        sent = mail.outbox[-1]
        seen.append(
            (
                first.status_code,
                first.headers["Location"],
                second.content.replace(b"k\xe2\x80\xa6@", b"n\xe2\x80\xa6@"),
                wrong.status_code,
                wrong.content.replace(b"k\xe2\x80\xa6@", b"n\xe2\x80\xa6@"),
                re.sub(r"\d{6}", "", f"{sent.subject}{sent.body}"),
            )
        )

    assert seen[0] == seen[1]


def test_three_wrong_codes_end_it(browser: Client) -> None:
    make_person("ana@gent.example")
    code = ask(browser, "ana@gent.example")
    wrong = "111111" if code != "111111" else "222222"

    states = [give(browser, wrong) for _ in range(3)]

    assert states == [422, 422, 302]
    assert give(browser, code) == 302
    assert not is_in(browser)


def test_a_code_works_once_and_for_ten_minutes(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    make_person("ana@gent.example")
    code = ask(browser, "ana@gent.example")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)

    give(browser, code)

    assert not is_in(browser)


def test_codes_for_one_address_are_limited(browser: Client) -> None:
    make_person("ana@gent.example")
    states = []
    for _ in range(4):
        other = Client(enforce_csrf_checks=True)
        states.append(
            other.post(reverse("account_login"), {"email": "ana@gent.example"}, headers=OURS).status_code
        )

    assert states == [302, 302, 302, 422]


def test_another_sites_form_is_refused(browser: Client) -> None:
    make_person("ana@gent.example")
    code = ask(browser, "ana@gent.example")

    answers = [
        browser.post("/account/login/", {"email": "ana@gent.example"}, headers=THEIRS),
        browser.post("/account/login/code/", {"code": code}, headers=THEIRS),
        browser.post("/account/login/code/", {"code": code}),  # a cookie, and nothing that says where from
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not is_in(browser)


def test_who_is_signed_in_needs_the_token_of_the_form(browser: Client) -> None:
    ana = make_person(name="Ana")
    come_in(browser, ana)
    form = {"name": "Somebody else", "language": "de"}

    without = browser.post("/account/", form, headers=OURS)
    page = browser.get("/account/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    with_it = browser.post("/account/", {**form, "csrfmiddlewaretoken": token[1]}, headers=OURS)

    assert (without.status_code, with_it.status_code) == (403, 302)
    ana.refresh_from_db()
    assert (ana.name, ana.language) == ("Somebody else", "de")


def test_a_script_without_cookies_may_send_a_form() -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"email": "ana@gent.example"})

    assert answer.status_code == 302


def test_no_address_takes_a_password() -> None:
    for name in (
        "account_signup",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    ana = make_person()
    assert not ana.has_usable_password()
    for path in ("/account/password/change/", "/account/password/reset/", "/account/signup/"):
        assert Client().get(path).status_code == 404


def test_signing_out(browser: Client) -> None:
    client = come_in(Client(), make_person())
    assert is_in(client)

    client.post("/account/logout/")

    assert not is_in(client)


def test_signing_out_everywhere() -> None:
    ana = make_person()
    here, there = come_in(Client(), ana), come_in(Client(), ana)

    here.post("/account/sign-out-everywhere/")

    assert (is_in(here), is_in(there)) == (False, False)


def test_a_locked_account_does_not_come_in(browser: Client) -> None:
    ana = make_person("ana@gent.example", is_active=False)
    code = ask(browser, ana.email)

    answer = browser.post(reverse("account_confirm_login_code"), {"code": code}, headers=OURS)

    assert answer.headers["Location"] == "/account/inactive/"
    assert not is_in(browser)


# Links


def test_opening_a_link_does_not_use_it_pressing_the_button_does(browser: Client) -> None:
    ana = make_person()
    address = reverse("people:link", args=[actions.make_link(ana)])

    scanner = [Client().get(address).status_code for _ in range(3)]
    pressed = browser.post(address, headers=OURS)

    assert scanner == [200, 200, 200]
    assert pressed.headers["Location"] == reverse("mfa_add_webauthn")
    assert browser.get(reverse("mfa_add_webauthn")).status_code == 200
    assert Client().post(address).status_code == 404
    assert Client().get(address).status_code == 404


def test_a_link_holds_an_hour_and_only_the_last_one_works() -> None:
    ana = make_person()
    first, second = actions.make_link(ana), actions.make_link(ana)

    assert actions.use_link(first) is None
    SignInLink.objects.update(created=timezone.now() - timedelta(minutes=61))
    assert actions.use_link(second) is None


def test_a_secret_is_kept_as_a_fingerprint() -> None:
    ana = make_person()
    secret = actions.make_link(ana)

    assert secret not in str(list(SignInLink.objects.values()))


# Passkeys


def test_a_passkey_asks_for_its_person_and_stays_on_the_device() -> None:
    client = come_in(Client(), make_person(), proved=True)

    wanted = client.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]

    chosen = wanted["publicKey"]["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")


def test_who_asks_for_a_passkey_gets_a_challenge_and_only_then_a_session() -> None:
    client = Client()

    assert client.get(reverse("mfa_login_webauthn")).status_code == 302
    assert not client.cookies
    wanted = client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}).json()

    assert wanted["request_options"]["publicKey"]["userVerification"] == "required"


def test_a_passkey_is_made_signs_in_alone_and_proves_anew() -> None:
    ana = make_person("ana@gent.example")
    device = Device()
    first = come_in(Client(), ana, proved=True)
    wanted = first.get(reverse("mfa_add_webauthn"), secure=True).context["js_data"]["creation_options"]
    made = first.post(
        reverse("mfa_add_webauthn"),
        {"name": "phone", "credential": json.dumps(device.create(wanted))},
        secure=True,
    )
    assert made.headers["Location"] == reverse("people:account")

    browser = Client()
    asked = browser.get(
        reverse("mfa_login_webauthn"), secure=True, headers={"Accept": "application/json"}
    ).json()
    signed = {"credential": json.dumps(device.get(asked["request_options"]))}
    came_in = browser.post(
        reverse("mfa_login_webauthn"), signed, secure=True, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert came_in.headers["Location"] == reverse("people:account")
    assert is_in(browser)
    where = reverse("mfa_reauthenticate_webauthn")
    again = browser.get(where, secure=True).context["js_data"]["request_options"]
    assert browser.post(where, {"credential": "{}"}, secure=True).status_code == 422
    again = browser.get(where, secure=True).context["js_data"]["request_options"]
    browser.post(where, {"credential": json.dumps(device.get(again))}, secure=True)
    assert browser.get(reverse("mfa_add_webauthn"), secure=True).status_code == 200


def test_a_passkey_of_another_site_or_an_old_challenge_does_not_sign_in() -> None:
    ana = make_person()
    device = Device()
    first = come_in(Client(), ana, proved=True)
    wanted = first.get(reverse("mfa_add_webauthn"), secure=True).context["js_data"]["creation_options"]
    first.post(
        reverse("mfa_add_webauthn"),
        {"name": "a", "credential": json.dumps(device.create(wanted))},
        secure=True,
    )
    browser = Client(headers={"Sec-Fetch-Site": "same-origin"})

    def sign(old: dict[str, object] | None = None) -> dict[str, object]:
        asked = browser.get(
            reverse("mfa_login_webauthn"), secure=True, headers={"Accept": "application/json"}
        ).json()
        options = asked["request_options"]
        browser.post(
            reverse("mfa_login_webauthn"), {"credential": json.dumps(device.get(old or options))}, secure=True
        )
        return dict(options)

    device.origin = "https://testserver.elsewhere.example"
    old = sign()
    device.origin = "https://testserver"
    sign(old)

    assert not is_in(browser)


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", '{"id": "AA", "rawId": "AA", "response": {}}', "x" * 9999]
)
def test_nonsense_instead_of_a_passkey_is_refused_in_words(credential: str) -> None:
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})

    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential}, headers=OURS)

    assert answer.status_code in {302, 422}
    assert not is_in(client)


def test_the_mailbox_alone_neither_adds_nor_removes_a_passkey_where_there_is_one() -> None:
    ana = make_person()
    key = make_passkey(ana)
    client = come_in(Client(), ana)

    added = client.get(reverse("mfa_add_webauthn"))
    removed = client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    by_code = client.get(reverse("account_request_reauthentication_code"))

    where = reverse("mfa_reauthenticate_webauthn")
    assert [answer.headers["Location"].partition("?")[0] for answer in (added, removed, by_code)] == [
        where
    ] * 3
    assert Authenticator.objects.count() == 1


def test_proving_anew_by_code() -> None:
    ana = make_person("ana@gent.example")
    client = come_in(Client(), ana)
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302

    client.post(reverse("account_request_reauthentication_code"), {"recipient": ana.email})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    client.post(reverse("account_confirm_reauthentication_code"), {"code": code[0]})

    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


def test_changing_the_address() -> None:
    ana = make_person("ana@gent.example")
    client = come_in(Client(), ana, proved=True)

    client.post(reverse("account_email"), {"email": "ana@new.example", "action_add": "1"})
    assert mail.outbox[-1].to == ["ana@new.example"]
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    client.post(reverse("account_email_verification_sent"), {"code": code[0]})

    ana.refresh_from_db()
    assert ana.email == "ana@new.example"
    assert mail.outbox[-1].to == ["ana@gent.example"]


def test_changing_to_somebody_elses_address_tells_nothing() -> None:
    make_person("ben@gent.example")
    ana = make_person("ana@gent.example")
    client = come_in(Client(), ana, proved=True)

    answer = client.post(reverse("account_email"), {"email": "ben@gent.example", "action_add": "1"})

    assert answer.status_code == 302
    ana.refresh_from_db()
    assert ana.email == "ana@gent.example"
