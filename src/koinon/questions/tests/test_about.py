"""What is promised of asking those who did a practice: it lies with who answers for it, they hear of it, and no more than that."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.people.testing import come_in, make_person
from koinon.places.models import Place
from koinon.practices.models import Practice
from koinon.practices.testing import make_practice
from koinon.questions import about, routing
from koinon.questions.actions import asking, publishing, working
from koinon.questions.actions.receipts import code_of
from koinon.questions.models import AboutPractice, Question
from koinon.questions.testing import make_desk, make_question, staff

pytestmark = pytest.mark.django_db
BOLOGNA = "bologna-3181928"
WORDS = "How many children are there in a night?"
SECRET = "asker@example.org"


@pytest.fixture
def near() -> Organisation:
    """The desk that a question from Bologna goes to by its place."""
    italy = Organisation.objects.get(kind=Organisation.Kind.CENTRE, country="IT")
    staff(italy)
    return italy


def send(client: Client, practice: str, **more: str) -> Question:
    typed = {"text": WORDS, "place": BOLOGNA, "practice": practice, "nonce": "nonce-12345"} | more
    answer = client.post("/ask/", typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 302, answer.content
    return Question.objects.latest("pk")


def told(question: Question) -> dict[str, str]:
    rows = Outbox.objects.filter(key__startswith=f"question:{question.pk}:origin:")
    return {row.to: f"{row.subject}\n{row.text}\n{row.reply_to}\n{row.headers}" for row in rows}


def test_it_lies_at_the_desk_that_looks_after_the_practice_and_not_at_that_of_the_place(
    client: Client, near: Organisation
) -> None:
    centre, manager = make_desk("Centre of Bulgaria", "BG")
    practice = make_practice("Care at night", centre=centre)

    page = client.get(f"/practices/{practice.slug}/")
    address = next(
        part.split('"')[0]
        for part in page.content.decode().split('href="')
        if f"practice={practice.slug}" in part
    )
    form = client.get(address.replace("&amp;", "&"))
    for _again in range(2):
        question = send(client, form.context["form"]["practice"].value())

    assert "to the centre that looks after this" in page.content.decode()
    assert Question.objects.count() == 1
    assert (question.desk, question.desk != near) == (centre, True)
    assert AboutPractice.objects.get(question=question).practice == practice
    assert routing.reason_words(question.because) == (
        "Centre of Bulgaria answers for the practice that the question is about."
    )
    assert (page.status_code, form.context["practice"]) == (200, practice)
    receipt = client.get(reverse("receipts:receipt", args=[code_of(question)]))
    assert "Centre of Bulgaria answers for the practice" in receipt.content.decode()

    assert manager.person is not None
    desk = come_in(Client(), manager.person).get(f"/desk/{question.number}/").content.decode()
    assert f'href="/practices/{practice.slug}/"' in desk
    assert "About a practice:" in desk


def test_the_page_before_it_is_sent_says_where_it_goes_also_without_script(
    client: Client, near: Organisation
) -> None:
    centre, _manager = make_desk("Centre of Bulgaria", "BG")
    practice = make_practice("Care at night", centre=centre)

    looked = client.post(
        "/ask/",
        {"text": WORDS, "place": BOLOGNA, "practice": practice.slug, "look": "1"},
        headers={"Sec-Fetch-Site": "same-origin"},
    ).content.decode()
    other = client.get("/ask/", {"text": WORDS, "place": BOLOGNA}).content.decode()

    assert f'name="practice" value="{practice.slug}"' in looked
    assert "Care at night" in looked
    assert "<bdi>Centre of Bulgaria</bdi></b>, which answers by" in looked
    assert near.name in other
    assert "About a practice:" not in other


def test_who_did_it_answers_where_the_centre_has_no_desk_and_the_place_decides_where_neither_has(
    client: Client, near: Organisation
) -> None:
    body, manager = make_desk("The cooperative", "BG")
    practice = make_practice(centre=make_organisation("Nobody yet", country="BG"), organisation=body)

    with_body = client.get(f"/practices/{practice.slug}/").content.decode()
    first = send(client, practice.slug)
    Role.objects.filter(person=manager.person_id).delete()
    without = client.get(f"/practices/{practice.slug}/").content.decode()
    second = send(client, practice.slug, nonce="nonce-67890")

    assert (first.desk, second.desk) == (body, near)
    assert "Your question goes to <b><bdi>The cooperative</bdi></b>" in with_body
    assert "to the nearest body that helps the place you name" in without
    for page in (with_body, without):
        assert "to the centre that looks after this" not in page
    # Wherever it lies, what it is about is kept.
    assert [row.practice for row in AboutPractice.objects.order_by("pk")] == [practice, practice]
    assert "answers for the practice" not in routing.reason_words(second.because)


@pytest.mark.parametrize(
    "slug", ["gone", "a" * 121, "a\x00b", "../../etc", "Ж", "\u202e", "😀", "1 OR 1=1", " ", "None"]
)
def test_an_unknown_practice_keeps_nobody_from_asking_by_place(
    client: Client, near: Organisation, slug: str
) -> None:
    page = client.get("/ask/", {"practice": slug, "place": BOLOGNA, "text": WORDS})
    question = send(client, slug)

    assert page.status_code == 200
    assert page.context["practice"] is None
    assert question.desk == near
    assert not AboutPractice.objects.exists()


@pytest.mark.parametrize("state", ["draft", "submitted", "changes", "withdrawn"])
def test_what_is_not_public_is_asked_about_by_place_and_not_told_of(
    client: Client, near: Organisation, state: str
) -> None:
    """Nobody learns from the form that there is a draft, or what it is called."""
    centre, _manager = make_desk("Centre of Bulgaria", "BG")
    hidden = make_practice("Not yet to be read", state=state, centre=centre)

    page = client.get("/ask/", {"practice": hidden.slug, "place": BOLOGNA}).content.decode()
    question = send(client, hidden.slug)

    assert "Not yet to be read" not in page
    assert "Centre of Bulgaria" not in page
    assert question.desk == near
    assert (AboutPractice.objects.count(), told(question)) == (0, {})


def test_a_practice_that_is_withdrawn_later_is_named_no_more(near: Organisation) -> None:
    practice = make_practice()
    question = make_question(practice=practice.slug)

    assert about.about_of(question) == practice
    Practice.objects.filter(pk=practice.pk).update(
        state="withdrawn", withdrawn_at=timezone.now(), withdrawn_because="outdated"
    )
    assert about.about_of(question) is None


def test_the_origin_hears_of_it_once_and_reads_neither_the_question_nor_who_asks(
    client: Client, near: Organisation
) -> None:
    centre, manager = make_desk("Centre of Bulgaria", "BG")
    body, of_body = make_desk("The cooperative", "BG")
    owner = make_person()
    practice = make_practice("Care at night", owner=owner, centre=centre, organisation=body)

    question = send(client, practice.slug, email=SECRET, role="A mother of two")
    send(client, practice.slug, email=SECRET, role="A mother of two")

    mails = told(question)
    # The manager of the centre hears of it as the desk does.
    assert manager.person is not None
    assert of_body.person is not None
    assert set(mails) == {owner.email, of_body.person.email}
    assert Outbox.objects.filter(to=manager.person.email).count() == 1
    for said in mails.values():
        assert "Care at night" in said
        assert "Centre of Bulgaria" in said
        for hidden in (WORDS, SECRET, "A mother of two", "Bologna", question.number):
            assert hidden not in said


def test_who_asks_about_the_own_practice_is_not_told(near: Organisation) -> None:
    author = staff(make_organisation())
    practice = make_practice(owner=author.person)

    assert told(make_question(by=author, practice=practice.slug)) == {}


def test_a_confidential_question_has_no_such_link_anywhere(near: Organisation) -> None:
    from koinon.questions.actions import telling

    practice = make_practice()
    question = make_question(practice=practice.slug)
    Outbox.objects.all().delete()
    question.confidential = True

    assert about.about_of(question) is None
    telling.tell_origin(question, practice, but=None)
    assert not Outbox.objects.exists()


def test_what_it_was_asked_from_another_desk_of_ones_own_goes_by_place(near: Organisation) -> None:
    """`after`: a body that asks does not answer itself."""
    centre, _manager = make_desk("Centre of Bulgaria", "BG")
    practice = make_practice(centre=centre)

    assert make_question(practice=practice.slug, after={centre.pk}).desk == near


def test_what_was_published_stands_on_the_page_of_the_practice_and_nothing_else(client: Client) -> None:
    centre, manager = make_desk("Centre of Bulgaria", "BG")
    practice = make_practice(centre=centre)
    make_question("Is there a bed for everybody?", practice=practice.slug)
    question = make_question("Who pays the room?", practice=practice.slug)
    working.take(question, by=manager)
    question = working.answer(question, by=manager, text="The municipality does.", language="en")
    asking.decide(question, helped="yes", may_publish=True, may_follow_up=False)

    before = client.get(f"/practices/{practice.slug}/").content.decode()
    question.refresh_from_db()
    answer = publishing.publish(
        question,
        by=manager,
        asked="Who pays for the room?",
        text="The municipality does.",
        language="en",
        asked_language="en",
        places=[Place.objects.get(pk="IT")],
        sources=[],
    )
    after = client.get(f"/practices/{practice.slug}/").content.decode()

    assert "Who pays" not in before
    assert f'href="{answer.get_absolute_url()}"' in after
    assert "Who pays for the room?" in after
    assert "Is there a bed" not in before + after
