"""Files of a question: cleaned when they come, asked for at each download, never run on our pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from koinon.base.uploads import Clean
from koinon.network.visitor import Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.questions.actions import files
from koinon.questions.models import File, Question
from koinon.questions.testing import make_desk, make_question, staff

pytestmark = pytest.mark.django_db
TEXT = Clean("plan.txt", "text/plain", b"A plan.")


def browser(visitor: Visitor) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    return come_in(client, Person.objects.get(pk=visitor.person_id or 0))


def asked_by_somebody() -> tuple[Question, Visitor, Visitor]:
    """A question, who asked it when signed in, and who works at its desk."""
    desk, anna = make_desk()
    asker = visitor_for(make_person())
    return make_question(by=asker, desk=desk), asker, anna


def test_a_file_is_sent_and_downloaded_to_be_saved() -> None:
    question, asker, anna = asked_by_somebody()
    sent = {"files": SimpleUploadedFile("my plan.txt", b"A plan."), "words": "Our plan."}

    answer = browser(asker).post(reverse("questions:files", args=[question.number]), sent)

    assert answer.status_code == 302
    kept = browser(anna).get(File.objects.get().address)
    assert kept.content == b"A plan."
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert kept.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "given",
    [[], [b"<svg onload=alert(1)>"], [b"MZ\0\0"], [b"a"] * 6],
    ids=["none", "markup", "program", "six"],
)
def test_what_is_not_taken_is_refused_in_words_and_nothing_is_kept(given: list[bytes]) -> None:
    question, asker, _anna = asked_by_somebody()
    sent = {"files": [SimpleUploadedFile("x.txt", one) for one in given], "words": "Words that stay"}

    answer = browser(asker).post(reverse("questions:files", args=[question.number]), sent)

    assert answer.status_code == 422
    assert "Words that stay" in answer.content.decode()
    assert not File.objects.exists()


def test_what_is_among_colleagues_is_not_for_who_asked_and_rank_reads_none() -> None:
    question, asker, anna = asked_by_somebody()
    files.attach(question, by=anna, files=[TEXT])
    files.attach(question, by=anna, files=[TEXT], for_asker=True)
    among, given = File.objects.order_by("pk")
    coordinator = staff(None)

    def codes(file: File) -> list[int]:
        return [browser(who).get(file.address).status_code for who in (asker, anna, coordinator)]

    assert codes(among) == [404, 200, 404]
    assert codes(given) == [200, 200, 404]


def test_a_question_holds_so_many_files_and_no_more() -> None:
    question, asker, _anna = asked_by_somebody()
    files.attach(question, by=asker, files=[TEXT] * files.MOST_FILES)

    with pytest.raises(files.TooManyFiles):
        files.attach(question, by=asker, files=[TEXT])
