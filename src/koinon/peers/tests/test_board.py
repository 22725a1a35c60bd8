"""What bodies say is for all; what persons say is for whoever has an account, and in no byte that anybody else gets."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor
from koinon.peers import found
from koinon.peers.actions import entries
from koinon.peers.around import peers_around
from koinon.peers.models import Entry
from koinon.peers.testing import make_entry, make_profile, make_public_exchange, make_two_centres
from koinon.peers.words import Kind
from koinon.people.testing import come_in, make_person
from koinon.places.models import Place

pytestmark = pytest.mark.django_db
FORMATS = ("json", "csv", "xlsx", "atom", "feed.json")


def browser(visitor: Visitor) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert visitor.person is not None
    return come_in(client, visitor.person)


def form(**more: str) -> dict[str, str]:
    return {
        "title": "An offer",
        "topics": "homelessness",
        "language": "en",
        "nonce": "nonce-of-the-test",
    } | more


def test_the_list_has_facets_and_leaves_as_files() -> None:
    body = make_organisation("Gent", country="BE")
    make_entry(Kind.OFFER, organisation=body, title="One door", topics=["youth"])
    make_entry(Kind.NEED, title="A mentor", topics=["homelessness"])

    page = Client().get("/peers/?kind=offer").content.decode()
    assert "One door" in page
    assert "A mentor" not in page
    told = Client().get("/api/v1/peers?kind=need").json()
    assert [row["title"] for row in told["items"]] == ["A mentor"]
    assert "One door" in Client().get("/peers/?topic=youth&format=csv").content.decode()
    assert "One door" in Client().get("/peers/?q=gent&form=visit").content.decode()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/peers/?kind=wish", 400),
        ("/peers/?page=0", 404),
        ("/peers/?page=99", 404),
        ("/peers/?q=%00", 200),
        ("/peers/?topic=nothing", 200),
        ("/peers/entries/nothing/", 404),
        ("/peers/exchanges/nothing/", 404),
        ("/api/v1/peers?kind=wish", 422),
        ("/api/v1/peers?wish=1", 422),
        ("/api/v1/peers?limit=0", 422),
    ],
)
def test_what_is_not_there_or_not_offered_is_told_plainly(address: str, status: int) -> None:
    assert Client().get(address).status_code == status


def test_what_ended_says_so_and_is_in_no_list() -> None:
    entry = make_entry(Kind.OFFER, title="One door")
    yesterday = timezone.localdate() - timedelta(days=1)
    Entry.objects.filter(pk=entry.pk).update(until=yesterday, expires_on=yesterday)

    gone = Client().get(entry.get_absolute_url())

    assert (gone.status_code, "One door" in gone.content.decode()) == (410, False)
    assert "One door" not in Client().get("/peers/").content.decode()
    assert list(found.documents([entry.code])) == []


def test_the_clock_tells_its_owner_once() -> None:
    from koinon.mail.models import Outbox

    body = make_organisation()
    make_visitor("manager", body)
    entry = make_entry(Kind.OFFER, organisation=body)
    yesterday = timezone.localdate() - timedelta(days=1)
    Entry.objects.filter(pk=entry.pk).update(until=yesterday, expires_on=yesterday)

    assert (entries.end_over(), entries.end_over()) == (1, 0)
    assert Outbox.objects.count() == 1


def test_a_form_sent_twice_makes_one() -> None:
    body = make_organisation()
    client = browser(make_visitor("manager", body))

    for _ in range(2):
        assert client.post("/peers/new/offer/", form(body=str(body.pk))).status_code == 302

    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"topics": ""},
        {"topics": "no such word at all"},
        {"until": "2001-01-01"},
        {"until": "soon"},
        {"until": "9999-12-31"},
        {"place": "Nowhere at all"},
        {"formats": "dance"},
        {"languages": "tlh"},
        {"language": "xx"},
        {"title": "a\u202eb"},
        {"title": "x" * 161},
        {"nonce": "<script>"},
    ],
)
def test_what_cannot_be_taken_is_told_in_plain_words(wrong: dict[str, str]) -> None:
    client = browser(make_visitor())

    answered = client.post("/peers/new/need/", form() | wrong)

    assert (answered.status_code, Entry.objects.count()) == (422, 0)


def test_of_two_at_once_the_second_sees_both_texts() -> None:
    body = make_organisation()
    client = browser(make_visitor("manager", body))
    entry = make_entry(Kind.OFFER, organisation=body)
    address = f"/peers/entries/{entry.code}/edit/"
    assert client.post(address, form(title="The first", edits="1")).status_code == 302

    second = client.post(address, form(title="The second", edits="1"))

    text = second.content.decode()
    assert (second.status_code, "The first" in text, "The second" in text) == (409, True, True)
    assert client.post(address, form(title="The second", edits="2")).status_code == 302


def test_a_place_shows_what_is_near_first_and_says_why() -> None:
    ghent = Place.objects.get(pk="BE")
    body = make_organisation("Gent", country="BE")
    near = make_entry(Kind.NEED, organisation=body, place=ghent)
    land = make_entry(Kind.NEED, organisation=body)
    far = make_entry(Kind.OFFER, organisation=make_organisation(country="FI"))
    make_entry(Kind.NEED, organisation=make_organisation(country="FI"))

    shown = peers_around(ghent)

    assert [(one.row.code, one.why) for one in shown] == [
        (near.code, "here"),
        (land.code, "country"),
        (far.code, "elsewhere"),
    ]
    assert all(one.because(ghent) for one in shown)


def test_the_list_takes_the_same_queries_for_one_and_for_three(count_queries: object) -> None:
    def queries() -> int:
        from koinon.peers import listing

        listing.forget()
        cache.clear()
        with count_queries() as counted:  # type: ignore[operator]
            Client().get("/peers/?kind=offer")
        return len(counted)

    make_entry(Kind.OFFER)
    queries()  # whether invented content is loaded is asked once for each version of the data
    one = queries()
    for _ in range(3):
        make_entry(Kind.OFFER, place=Place.objects.get(pk="BE"))

    assert queries() == one


def test_no_byte_for_anybody_without_an_account_holds_a_person() -> None:
    """Name, address and words of who is listed, offers, needs, was introduced and took part in a public exchange."""
    person = make_person("kanarieaddress7q@example.eu", name="Kanariename7q")
    body = make_organisation("Gent", country="BE")
    profile = make_profile(person, about="kanarieabout7q", organisation=body)
    make_visitor("manager", body, person=person)
    offer = make_entry(Kind.OFFER, person=person, title="kanarietitle7q", text="kanarietext7q")
    need = make_entry(Kind.NEED, organisation=body)
    from koinon.peers.testing import make_introduction

    match = make_introduction(offer, need)
    match.messages.create(side="first", by=person, text="kanariemessage7q")
    exchange = make_public_exchange(
        match, result="kanarieresult7q", terms="kanarieterms7q", where="kanariewhere7q"
    )
    anybody = Client()
    addresses = [
        "/peers/",
        *(f"/peers/?format={form}" for form in FORMATS),
        "/peers/?q=kanarie",
        "/peers/exchanges/",
        *(f"/peers/exchanges/?format={form}" for form in FORMATS),
        exchange.get_absolute_url(),
        need.get_absolute_url(),
        offer.get_absolute_url(),
        f"/peers/entries/{offer.code}/",
        profile.get_absolute_url(),
        match.get_absolute_url(),
        "/peers/people/",
        "/peers/mine/",
        body.get_absolute_url(),
        "/places/BE/",
        "/network/",
        "/search/?q=kanarie",
        "/api/v1/peers",
        "/api/v1/peers?q=kanarie",
        "/api/v1/peers/exchanges",
        "/api/v1/places/BE/answer",
        "/sitemap.xml",
        "/robots.txt",
    ]
    seen = []
    for address in addresses:
        answer = anybody.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        seen += [address] * (b"7q" in content.replace(b"q=kanarie", b""))

    assert seen == []
    assert list(found.documents([offer.code])) == []
    assert offer.code not in set(found._keys())
    signed_in = browser(make_visitor())
    assert "kanarietitle7q" in signed_in.get(offer.get_absolute_url()).content.decode()
    for address in ("/peers/people/", profile.get_absolute_url(), offer.get_absolute_url()):
        assert "kanarieaddress7q" not in signed_in.get(address).content.decode()


def test_the_address_is_never_shown_to_the_other_side() -> None:
    offer, need, gent, bologna = make_two_centres()
    assert gent.person is not None
    page = browser(bologna).get(f"/peers/matches/{need.code}/{offer.code}/").content.decode()

    assert gent.person.email not in page
    assert offer.title in page
