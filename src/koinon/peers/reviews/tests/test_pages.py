"""The pages of reviews: what everybody reads, what only the host and its peers do, what answers bad input, where reviews show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.peers import around, listing
from koinon.peers.models import Exchange, PeerReview
from koinon.peers.reviews import invented, joined
from koinon.peers.reviews.models import Application
from koinon.peers.reviews.testing import (
    make_application,
    make_draft,
    make_past_review,
    make_recommendation,
    make_review,
)
from koinon.people import mine
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.places.models import Place

pytestmark = pytest.mark.django_db
CANARY = "kanarie7q2m"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    listing.forget()


def browser(person: Person | None = None) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    return come_in(client, person) if person is not None else client


def of_body(body: Organisation, kind: str = "manager") -> Client:
    person = make_person()
    Role.objects.create(person=person, kind=kind, organisation=body)
    return browser(person)


def at(view: str, *args: object) -> str:
    return reverse(f"peers:{view}", args=args)


def form(**more: str) -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=40)
    return {
        "title": "How our one door works",
        "question": "Why do people leave?",
        "topics": "homelessness",
        "terms": "Each pays its own.",
        "first_day": day.isoformat(),
        "last_day": day.isoformat(),
        "wanted": "2",
        "call_until": (day - timedelta(days=10)).isoformat(),
        "language": "en",
        "nonce": "12345678",
    } | more


def test_a_host_drafts_publishes_and_everybody_reads() -> None:
    gent = make_organisation("Gent", country="BE")
    host = of_body(gent)

    made = host.post(at("new_review", "review"), form(host=str(gent.pk)))
    page = made["Location"]
    assert (made.status_code, browser().get(page).status_code) == (302, 404)
    host.post(at("publish_review", PeerReview.objects.get().code))

    told = browser().get(page).content.decode()
    assert "Why do people leave?" in told
    assert "Each pays its own." in told
    assert "Gent" in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_day": "2020-01-01"},
        {"first_day": "9999-12-31"},
        {"last_day": "2020-01-01"},
        {"call_until": "9999-12-31"},
        {"wanted": "0"},
        {"wanted": "1e3"},
        {"title": ""},
        {"terms": ""},
        {"topics": "nothing of the field"},
        {"language": "xx"},
        {"host": ""},
    ],
)
def test_what_is_wrong_is_said_in_the_form(wrong: dict[str, str]) -> None:
    gent = make_organisation("Gent")
    answer = of_body(gent).post(at("new_review", "review"), form(host=str(gent.pk)) | wrong)

    assert (answer.status_code, PeerReview.objects.count()) == (422, 0)


def test_for_another_body_nobody_drafts() -> None:
    gent, other = make_organisation("Gent"), make_organisation("Other")

    assert of_body(gent).post(at("new_review", "visit"), form(host=str(other.pk))).status_code == 403
    assert browser(make_person()).get(at("new_review", "visit")).status_code == 403
    assert of_body(gent).get(at("new_review", "party")).status_code == 404


def test_a_mentoring_pair_is_a_pair() -> None:
    gent = make_organisation("Gent")
    of_body(gent).post(at("new_review", "mentoring"), form(host=str(gent.pk), wanted="9"))

    assert PeerReview.objects.get().wanted == 1


def test_of_two_who_save_the_second_keeps_its_words() -> None:
    gent = make_organisation("Gent")
    review, host = make_review(gent), of_body(gent)
    host.post(at("edit_review", review.code), form(version="1", title="First"))

    answer = host.post(at("edit_review", review.code), form(version="1", title="Second"))

    told = answer.content.decode()
    assert answer.status_code == 409
    assert "First" in told
    assert 'value="Second"' in told
    assert 'name="version" value="2"' in told


def test_one_applies_and_is_accepted_and_reads_the_inner_papers() -> None:
    gent, person = make_organisation("Gent"), make_person()
    review, host, peer = make_review(gent, inner=f"{CANARY} inner"), of_body(gent), browser(person)
    sent = {"reason": "We have the same door.", "language": "en", "terms_version": "1"}
    peer.post(at("apply_review", review.code), sent)
    assert peer.get(at("review_papers", review.code)).status_code == 404
    application = Application.objects.get()
    assert "We have the same door." in host.get(at("review_applications", review.code)).content.decode()

    told = {"decision": "accept", "words": "Come."}
    host.post(at("answer_application", review.code, application.pk), told)

    assert f"{CANARY} inner" in peer.get(at("review_papers", review.code)).content.decode()
    assert Exchange.objects.get().second_person == person
    assert peer.get(at("exchange", Exchange.objects.get().code)).status_code == 200
    assert browser(make_person()).get(at("review_papers", review.code)).status_code == 404
    assert (
        host.post(
            at("answer_application", review.code, application.pk), told | {"decision": "decline"}
        ).status_code
        == 409
    )


def test_a_peer_is_named_only_when_accepted_and_willing() -> None:
    review = make_review()
    anna, berta, clara = (make_person(name=name) for name in ("Anna A.", "Berta B.", "Clara C."))
    make_application(review, person=anna, answer="accepted", named=True)
    unnamed = make_application(review, person=berta, answer="accepted")
    make_application(review, person=clara, named=True)

    def named() -> list[bool]:
        told = browser().get(review.get_absolute_url()).content.decode()
        return [name in told for name in ("Anna A.", "Berta B.", "Clara C.")]

    assert named() == [True, False, False]
    browser(berta).post(at("name_application", review.code, unnamed.pk), {"named": "yes"})
    assert named() == [True, True, False]


def test_recommendations_and_what_changed_are_seen_once_the_host_lets_them() -> None:
    gent = make_organisation("Gent")
    review = make_past_review(gent, changed_words=f"{CANARY} changed", answered_at=timezone.now())
    owner = make_person(name="Olga Owner")
    make_recommendation(review, text=f"{CANARY} recommended", owner=owner)
    host = of_body(gent)
    page = review.get_absolute_url()
    assert CANARY not in browser().get(page).content.decode()

    host.post(at("show_recommendations", review.code), {"show": "yes"})
    told = browser().get(page).content.decode()
    assert f"{CANARY} recommended" in told
    assert f"{CANARY} changed" in told
    assert "Olga Owner" not in told

    host.post(at("show_recommendations", review.code), {"show": "no"})
    assert CANARY not in browser().get(page).content.decode()


def test_what_is_inner_is_in_nothing_that_goes_out() -> None:
    """Canaries in the draft, the inner papers, the reasons of who applied, hidden recommendations: in no page, feed, file, index."""
    gent = make_organisation("Gent")
    make_draft(gent, title=f"{CANARY} draft")
    review = make_past_review(gent, inner=f"{CANARY} inner")
    application = make_application(review, reason=f"{CANARY} reason", words=f"{CANARY} words")
    make_recommendation(review, text=f"{CANARY} recommended")
    stranger = of_body(make_organisation("Other"))
    addresses = [
        *(at("reviews") + f"?format={name}" for name in ("json", "csv", "atom", "html")),
        at("reviews"),
        at("reviews") + f"?q={CANARY[:7]}",
        at("reviews_mine"),
        review.get_absolute_url(),
        gent.get_absolute_url(),
        "/api/v1/peers/reviews",
        *(at(view, review.code) for view in ("review_papers", "review_applications", "edit_review")),
        *(at(view, review.code) for view in ("review_agenda", "review_recommendations", "review_follow_up")),
    ]

    for client in (browser(), stranger):
        for address in addresses:
            answer = client.get(address)
            body = b"".join(answer) if answer.streaming else answer.content
            assert CANARY.encode() not in body, address
    found = list(joined.documents(list(PeerReview.objects.values_list("code", flat=True))))
    assert [one.key for one in found] == [review.code]
    assert CANARY not in repr(found)
    assert CANARY not in str(application)


def test_the_list_is_filtered_by_kind_topic_country_and_whether_it_is_open() -> None:
    gent, bologna = make_organisation("Gent", country="BE"), make_organisation("Bologna", country="IT")
    make_review(gent, title="Open review")
    make_review(bologna, kind="visit", title="Closed visit", state="preparing", topics=["youth"])

    def found(query: str) -> list[bool]:
        listing.forget()
        told = browser().get(at("reviews") + query).content.decode()
        return ["Open review" in told, "Closed visit" in told]

    assert found("") == [True, True]
    assert found("?kind=visit") == [False, True]
    assert found("?topic=homelessness") == [True, False]
    assert found("?country=IT") == [False, True]
    assert found("?now=open") == [True, False]
    assert found("?q=bologna") == [False, True]
    assert browser().get(at("reviews") + "?kind=party").status_code == 400


def test_the_list_asks_as_often_for_three_as_for_one() -> None:
    counts = []
    # What the process learns once (the words of the vocabulary) is not of the list.
    browser().get(at("reviews") + "?kind=review")
    for _ in range(2):
        make_review()
        listing.forget()
        with CaptureQueriesContext(connection) as asked:
            browser().get(at("reviews") + "?kind=review")
        counts.append(len(asked))
        make_review()

    assert counts[0] == counts[1]


def test_a_review_stands_on_its_hosts_page_and_on_the_shelf_of_its_place() -> None:
    gent, belgium = make_organisation("Gent", country="BE"), Place.objects.get(pk="BE")
    review = make_review(gent, place=belgium)
    listing.forget()

    assert review.title in browser().get(gent.get_absolute_url()).content.decode()
    first = around.peers_around(belgium)[0].row
    assert (first.code, first.url, first.kind_words) == (
        review.code,
        review.get_absolute_url(),
        "Peer review",
    )


def test_what_is_called_off_says_so_and_takes_nobody() -> None:
    gent, person = make_organisation("Gent"), make_person()
    review = make_review(gent)
    of_body(gent).post(at("cancel_review", review.code), {"words": "The house has burnt."})

    assert "The house has burnt." in browser().get(review.get_absolute_url()).content.decode()
    assert browser(person).get(at("apply_review", review.code)).status_code == 409


def test_a_copy_of_the_data_holds_what_one_said_and_an_account_takes_it_along() -> None:
    person = make_person(name="Anna A.")
    review = make_review(by=person)
    make_application(review, person=person, answer="accepted", named=True)
    make_recommendation(make_past_review(), owner=person)

    copied = {
        name: mine.exports[name](person)
        for name in ("peer_reviews", "peer_applications", "peer_recommendations")
    }
    assert [len(rows) for rows in copied.values()] == [1, 1, 1]
    joined.let_go(person)
    assert Application.objects.count() == 0
    assert [mine.exports[name](person) for name in copied] == [[], [], []]


def test_demonstration_is_marked_and_goes_again() -> None:
    for country in ("BE", "IT", "FI", "AT", "PL"):
        make_organisation(f"Centre {country}", country=country)
    invented.add()
    invented.add()

    rows = PeerReview.objects.all()
    assert sorted(row.kind for row in rows) == ["mentoring", "review", "visit"]
    assert all(row.is_demo and "(invented)" in row.title for row in rows)
    assert Exchange.objects.filter(is_demo=True).public().count() == 1
    invented.remove()
    assert (PeerReview.objects.count(), Exchange.objects.count()) == (0, 0)
