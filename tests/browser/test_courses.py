"""A course from its first word to a certificate: written by keyboard, begun in one language, finished in another, checked by
anybody; once without script. And every page of courses for every eye and width.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from bench._server import ROOT
from tests.browser.keyboard import choose, press, reach, tick, write
from tests.browser.test_every_page import what_is_wrong
from tests.browser.test_private_pages import is_well_made
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
WORLD = """
import django; django.setup()
import json
from django.conf import settings
from django.test import Client
from koinon.courses.models import Enrolment, SelfCheck, Step
from koinon.courses.testing import (
    make_cohort, make_course, make_enrolment, make_module, make_quiz, make_translation, right_answers,
)
from koinon.courses.actions.certifying import certify
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people.testing import come_in, make_person
from django.utils import timezone

def coming(person):
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

manager, done, people = make_person(), make_person(), [make_person() for _ in range(3)]
centre = make_organisation("Centre of Belgium", country="BE")
Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=centre)

course = make_course("Begin on Monday", organiser=centre, modules=2, about="For town halls.", outcomes="One\\nTwo",
                     topics=["co-creation"], competences=["mapping"])
make_module(course, "Try it", kind="task", text="Ask two people.")
quiz = make_quiz(course)
words = {name: ("\\n".join("fi " + line for line in text.split("\\n"))) for name, text in quiz.own_texts.items() if text}
make_translation(course, "fi", texts={"title": "Aloita maanantaina", "lead": "Puoli tuntia."})
for module in course.modules.exclude(pk=quiz.pk):
    make_translation(course, "fi", module, texts={"title": "Askel", "text": "Lue."})
make_translation(course, "fi", quiz, texts=words, made="machine", service="LibreTranslate")

dated = make_course("Four Thursdays", organiser=centre)
cohort = make_cohort(dated, capacity=1, note="four Thursdays")
make_enrolment(dated, manager, cohort=cohort)
row = make_enrolment(course, done, finished_at=timezone.now())
for module in course.modules.all():
    Step.objects.create(enrolment=row, module=module, done_at=timezone.now())
make_enrolment(dated, done, cohort=cohort, state="waiting", waiting_since=timezone.now())
draft = make_course("A draft", organiser=centre, state="draft", modules=1)
print(json.dumps({
    "course": course.slug, "dated": dated.slug, "draft": draft.slug, "cohort": cohort.pk, "quiz": quiz.number,
    "question": quiz.questions.first().pk, "right": right_answers(quiz),
    "certificate": certify(row, by=visitor_for(done), name="Ana Anić").number,
    "check": SelfCheck.objects.create(person=done, levels={"mapping-1": 0, "mapping-2": 1, "mapping-3": 2}).pk,
    "manager": coming(manager), "done": coming(done), "learner": coming(people[0]), "plain": coming(people[1]),
}))
"""


@pytest.fixture(scope="module")
def school() -> Iterator[House]:
    """A house with a course in two languages, one with dates that is full, and a draft."""
    with tempfile.TemporaryDirectory(prefix="koinon-school-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=240
        )
        assert made.returncode == 0, made.stderr
        with house(Path(data)) as running:
            (running.data / "made.json").write_text(made.stdout.splitlines()[-1])
            yield running


def made_in(school: House) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((school.data / "made.json").read_text())
    return made


def as_who(open_page: OpenPage, school: House, who: str, path: str, **more: Any) -> Page:
    made = made_in(school)
    page = open_page("/courses/", base=school.url, **more)
    page.context.add_cookies([made[who] | {"url": school.url}])
    page.goto(f"{school.url}{path.format(**made)}")
    return page


def go(page: Page, name: str) -> None:
    """Press a button or a link of the page, by its name or how that begins."""
    named = re.compile(f"^{re.escape(name)}")
    main = page.locator("main")
    press(page, main.get_by_role("button", name=named).or_(main.get_by_role("link", name=named)).first)


def in_language(page: Page, code: str) -> None:
    """Change the language with the links of the page: the one in its head leads to all of them at its foot."""
    press(page, page.locator(".tools a[href='#languages']"))
    press(page, page.locator(f"#languages a[hreflang={code}]"))


def answer_right(page: Page, right: dict[str, Any]) -> None:
    for name, value in right.items():
        field = page.locator(f"[name='{name}']")
        if isinstance(value, list):
            for one in value:
                tick(page, page.locator(f"[name='{name}'][value='{one}']"))
        elif field.evaluate("one => one.tagName") == "SELECT":
            choose(page, field, value)
        else:
            write(page, field, value)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_course_is_finished_in_another_language_than_it_was_begun_in(
    open_page: OpenPage, school: House, script: bool
) -> None:
    made = made_in(school)
    page = as_who(open_page, school, "learner" if script else "plain", "/courses/{course}/", script=script)

    press(page, page.get_by_role("button", name="Enrol"))
    expect(page.locator(".progress b")).to_have_text("0 of 4 modules done")
    go(page, "Begin: Step 1")
    go(page, "I have done this")
    expect(page.locator("h1")).to_have_text("Step 2")

    in_language(page, "fi")
    assert page.url.startswith(f"{school.url}/fi/courses/{made['course']}/")
    expect(page.locator("h1")).to_have_attribute("lang", "fi")
    expect(page.locator("progress")).to_have_attribute("value", "1")
    for _module in range(2):
        press(page, page.locator("form[action*='/done/'] button[type=submit]"))
    expect(page.locator(".stand.unsure")).to_contain_text("LibreTranslate")
    answer_right(page, made["right"])
    press(page, page.locator("form.quiz button[type=submit]"))
    expect(page.locator("#result")).to_contain_text("4")

    press(page, page.locator(".turn a.push"))
    press(page, page.locator("main a[href$='/certificate/']"))
    write(page, page.locator("#id_name"), "Ana Anić")
    press(page, page.locator("main form button[type=submit]").first)
    expect(page.locator(".receipt .title")).to_have_text("Aloita maanantaina")

    address = page.locator(".receipt .link a").get_attribute("href") or ""
    with page.expect_download() as saving:
        reach(page, page.locator("main a[href$='format=pdf']"))
        page.keyboard.press("Enter")
    assert set(addresses_in(saving.value.path())) == {address}
    anybody = open_page("/courses/", base=school.url, script=script)
    anybody.goto(address)
    expect(anybody.locator(".receipt")).to_contain_text("Ana Anić")
    expect(anybody.locator(".receipt .title")).to_have_text("Aloita maanantaina")
    number = anybody.locator(".receipt dd.code").inner_text()
    anybody.goto(f"{school.url}/courses/")
    anybody.get_by_label("Check a certificate: its number").fill(number.lower().replace("-", " "))
    anybody.keyboard.press("Enter")
    expect(anybody.locator(".receipt")).to_contain_text("Ana Anić")
    assert anybody.context.cookies() == []
    if script:
        assert what_is_wrong(page) == []
        assert what_is_wrong(anybody) == []


def addresses_in(file: Path) -> list[str]:
    """Where the links of a PDF lead to."""
    notes = [note.get_object() for page in PdfReader(file).pages for note in page.get("/Annots", [])]
    return [str(note["/A"]["/URI"]) for note in notes if note.get("/Subtype") == "/Link"]


def test_a_course_is_written_and_published_by_keyboard(open_page: OpenPage, school: House) -> None:
    page = as_who(open_page, school, "manager", "/courses/new/")

    write(page, page.locator("#id_title"), "Written by hand")
    write(page, page.locator("#id_lead"), "For those who write.")
    go(page, "Save the draft")
    go(page, "Publish it")
    expect(page.get_by_role("alert")).to_contain_text("at least one module")

    go(page, "Add a module")
    choose(page, page.locator("#id_kind"), "questions")
    write(page, page.locator("#id_title"), "One question")
    go(page, "Save the module")
    go(page, "Add a question")
    write(page, page.locator("#id_text"), "Which?")
    write(page, page.locator("#id_choices"), "This\nThat")
    go(page, "Save the question")
    expect(page.get_by_role("alert")).to_contain_text("Begin the one right answer with a star.")
    write(page, page.locator("#id_choices"), "* This\nThat")
    go(page, "Save the question")
    expect(page.locator("ol.lines")).to_contain_text("Which?")
    go(page, "Back to the course")
    go(page, "Publish it")
    expect(page.locator("h1")).to_have_text("Written by hand")

    reader = open_page("/courses/?q=written", base=school.url, script=False)
    go(reader, "Written by hand")
    go(reader, "One question")
    tick(reader, reader.get_by_label("This"))
    go(reader, "Check my answers")
    expect(reader.locator("#result")).to_contain_text("Passed")
    expect(reader.locator("#result")).to_contain_text("Nothing of it is kept")


def test_who_waits_sees_the_rank(open_page: OpenPage, school: House) -> None:
    page = as_who(open_page, school, "done", "/courses/{dated}/", script=False)

    expect(page.locator(".own .rank")).to_have_text("1")


def test_the_self_check_needs_no_account_and_leads_on(open_page: OpenPage, school: House) -> None:
    page = open_page("/courses/self-check/", base=school.url, script=False)
    for number in range(1, 4):
        page.locator(f"[name=mapping-{number}][value='0']").check()
    page.get_by_role("button", name="See what comes of it").click()

    expect(page.locator(".leads").first).to_contain_text("Begin on Monday")
    expect(page.locator(".leads").first).to_contain_text("you said “not yet”")
    assert "mapping" not in page.url
    assert page.context.cookies() == []


@pytest.mark.parametrize(
    "path",
    [
        "/courses/",
        "/courses/{course}/",
        "/fi/courses/{course}/",
        "/courses/{dated}/",
        "/courses/{course}/1/",
        "/courses/{course}/{quiz}/?read=fi",
        "/courses/self-check/",
        "/courses/certificates/{certificate}/",
        "/courses/certificates/",
        "/courses/certificates/?number=AAAA",
        "/courses/?q=qqqqzzzz",
    ],
)
def test_axe_finds_nothing_and_nothing_sticks_out(open_page: OpenPage, school: House, path: str) -> None:
    page = open_page(path.format(**made_in(school)), base=school.url)

    assert page.locator("main h1").count() == 1
    assert what_is_wrong(page) == []
    assert page.context.cookies() == []
    assert page.strangers == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("done", "/courses/mine/"),
        ("done", "/courses/{course}/"),
        ("done", "/courses/{dated}/"),
        ("done", "/courses/{course}/certificate/"),
        ("done", "/courses/{course}/leave/"),
        ("done", "/courses/certificates/{certificate}/take-back/"),
        ("done", "/courses/self-check/kept/{check}/"),
        ("done", "/account/"),
        ("manager", "/courses/new/"),
        ("manager", "/courses/drafts/"),
        ("manager", "/courses/{dated}/edit/"),
        ("manager", "/courses/{draft}/edit/"),
        ("manager", "/courses/{course}/edit/modules/{quiz}/"),
        ("manager", "/courses/{course}/edit/modules/{quiz}/questions/{question}/"),
        ("manager", "/courses/{dated}/edit/dates/{cohort}/"),
        ("manager", "/courses/{course}/translate/"),
        ("manager", "/courses/{course}/translate/fi/"),
        ("manager", "/courses/{course}/translate/fi/{quiz}/"),
        ("manager", "/courses/{course}/totals/"),
        ("manager", "/courses/{course}/withdraw/"),
    ],
)
def test_the_pages_of_who_learns_and_who_writes_are_well_made(
    open_page: OpenPage, school: House, who: str, path: str
) -> None:
    page = as_who(open_page, school, who, path)

    expect(page.locator("main h1")).to_be_visible()
    is_well_made(page)


def test_an_answered_quiz_is_well_made(open_page: OpenPage, school: House) -> None:
    made = made_in(school)
    page = open_page(f"/courses/{made['course']}/{made['quiz']}/", base=school.url)
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Check my answers").click()

    expect(page.locator("#result")).to_contain_text(re.compile("1 of 4"))
    is_well_made(page)
