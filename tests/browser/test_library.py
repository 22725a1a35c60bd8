"""The library and the search as readers use them: for every eye and width, by keyboard, without script."""

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

from bench._server import ROOT
from tests.browser.keyboard import FAR, is_focused, press, walk_to
from tests.browser.signing_in import sign_in
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
from koinon.agenda.testing import make_session
from koinon.calls.testing import make_call
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.peers.testing import make_profile
from koinon.people.testing import come_in, make_person
from koinon.practices.models import Version
from koinon.practices.content import write
from koinon.practices.testing import make_adoption, make_content, make_practice, make_translation

def coming(person):
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

owner, manager = make_person(), make_person()
centre = make_organisation("Centre of Belgium", country="BE")
Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=centre)
door = make_practice("One door for young people", evidence="3", owner=owner, centre=centre, topics=("homelessness",))
make_session("Ending homelessness", organiser=centre)
make_call("Homes first", topics=["homelessness"])
make_profile(make_person(name="Ana Heikkinen"))
make_adoption(door)
make_translation(door.shown, "fi", made="machine", service="LibreTranslate")
following = Version(practice=door, number=2, state="submitted", submitted_at=door.published_at)
write(following, make_content("One door for all young people", lessons="Open in the afternoon."))
changes = make_practice("Asked to say more", state="changes", owner=owner, centre=centre)
make_practice("Bus of five villages", evidence="2", places=("ITH5",), cost="under20", targets=("rural",), language="it")
make_practice("A cafe that failed", evidence="1", kind="failed", places=("FI",))
print(json.dumps({
    "door": door.slug,
    "draft": make_practice("A draft", state="draft", owner=owner, centre=centre).slug,
    "gone": make_practice("Gone", state="withdrawn", owner=owner, centre=centre).slug,
    "changes": changes.slug,
    "centre": centre.slug,
    "sent": make_practice("Sent in", state="submitted", owner=owner, centre=centre).slug,
    "told": make_adoption(door, place="PL", confirmed=False).pk,
    "owner": coming(owner),
    "manager": coming(manager),
}))
"""


@pytest.fixture(scope="module")
def library() -> Iterator[House]:
    """A house with one practice that was taken over and translated by a machine."""
    with tempfile.TemporaryDirectory(prefix="koinon-library-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
        )
        assert made.returncode == 0, made.stderr
        with house(Path(data)) as running:
            (running.data / "made.json").write_text(made.stdout.splitlines()[-1])
            yield running


@pytest.fixture(scope="module")
def door(library: House) -> str:
    return f"/practices/{_made(library)['door']}/"


def _made(library: House) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((library.data / "made.json").read_text())
    return made


@pytest.mark.parametrize(
    "tail",
    [
        "/practices/",
        "/practices/?like=bologna-3181928&type=worked",
        "/practices/?like=San+Lorenzo",
        "/practices/?like=qqqqzzzz",
        "/practices/lineage/",
        "/search/",
        "/search/?q=young",
        "/search/?q=young&country=BE&evidence=3",
        "/search/?country=BE&type=practice",
        "",
        "?read=fi",
        "versions/",
    ],
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_page: OpenPage, library: House, door: str, tail: str
) -> None:
    page = open_page(tail if tail.startswith("/") else door + tail, base=library.url)

    assert page.locator("main h1").count() == 1
    assert what_is_wrong(page) == []
    assert page.context.cookies() == []
    assert page.strangers == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("owner", "new/"),
        ("owner", "mine/"),
        ("owner", "{draft}/edit/"),
        ("owner", "{changes}/edit/"),
        ("owner", "{changes}/versions/1/"),
        ("owner", "{changes}/versions/1/reviews/"),
        ("owner", "{draft}/delete/"),
        ("owner", "{door}/"),
        ("owner", "{door}/translate/"),
        ("owner", "{door}/translate/fi/"),
        ("owner", "{door}/adopt/"),
        ("manager", "inbox/"),
        ("manager", "{sent}/review/"),
        ("manager", "{door}/review/"),
        ("manager", "{door}/changes/1/2/"),
        ("nobody", "{gone}/"),
        ("manager", "{door}/withdraw/"),
        ("manager", "{door}/adoptions/{told}/"),
    ],
)
def test_the_pages_of_who_writes_and_who_reviews_are_well_made(
    open_page: OpenPage, library: House, who: str, path: str
) -> None:
    made = _made(library)
    page = open_page("/practices/", base=library.url)
    if who != "nobody":
        page.context.add_cookies([made[who] | {"url": library.url}])

    page.goto(f"{library.url}/practices/{path.format(**made)}")

    expect(page.locator("main h1")).to_be_visible()
    is_well_made(page)


def test_a_practice_leads_on_and_names_people_to_those_with_an_account_alone(
    open_page: OpenPage, library: House, door: str
) -> None:
    page = open_page(door, base=library.url, script=False)
    expect(page.locator("section", has=page.locator("#p-sessions"))).to_contain_text("Ending homelessness")
    expect(page.locator("section", has=page.locator("#p-calls"))).to_contain_text("Homes first")
    expect(page.locator("main")).not_to_contain_text("Ana Heikkinen")

    page.context.add_cookies([_made(library)["owner"] | {"url": library.url}])
    page.goto(library.url + door)
    press(page, page.get_by_role("link", name="Ana Heikkinen"), most=FAR)

    expect(page).to_have_url(re.compile("/peers/people/"))


def test_a_reader_sees_what_a_machine_wrote(open_page: OpenPage, library: House, door: str) -> None:
    page = open_page(door + "?read=fi", base=library.url, script=False)

    expect(page.locator("h1")).to_have_attribute("lang", "fi")
    expect(page.locator(".stand.unsure")).to_contain_text("LibreTranslate")


def test_nothing_found_leads_to_asking_with_the_words(open_page: OpenPage, library: House) -> None:
    page = open_page("/search/", base=library.url, script=False)
    expect(page.locator("#sq")).to_be_focused()
    page.keyboard.type("qqqqzzzz wwwwvvvv")
    page.keyboard.press("Enter")
    expect(page.locator("#rh")).to_have_text("Nothing found")
    assert what_is_wrong(open_page("/search/?q=qqqqzzzz+wwwwvvvv", base=library.url)) == []

    press(page, page.get_by_role("link", name="Ask it"), most=FAR)

    expect(page.locator("#id_text")).to_have_value(re.compile("qqqqzzzz wwwwvvvv"))


@pytest.mark.parametrize("script", [True, False], ids=["keyboard", "without script"])
def test_what_fits_is_found(open_page: OpenPage, library: House, door: str, script: bool) -> None:
    page = open_page("/search/", base=library.url, script=script)
    expect(page.locator("#sq")).to_be_focused()
    page.keyboard.type("one dor young")
    page.keyboard.press("Enter")
    hit = page.locator(f"ol.results h3 a[href*='{door}']")
    expect(hit).to_be_visible()

    press(page, hit, most=FAR)

    expect(page).to_have_url(re.compile(re.escape(door)))


@pytest.mark.parametrize("script", [True, False], ids=["keyboard", "without script"])
@pytest.mark.parametrize("width", [1440, 360])
def test_a_search_is_walked_from_the_top_of_the_page(
    open_page: OpenPage, library: House, door: str, script: bool, width: int
) -> None:
    """The link over the head, the field, the filters, the results: in this order, each by the tabulator."""
    page = open_page("/search/?q=bus", base=library.url, script=script, width=width)
    skip, field = page.locator("a.skip"), page.locator("#sq")

    assert walk_to(page, skip, most=1) == 1
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert walk_to(page, field, most=1) == 1
    page.keyboard.type("young")
    expect(field).to_have_value("young")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=young#res$"))
    hits = page.locator("ol.results h3 a")
    expect(hits.first).to_be_visible()
    if script:
        is_well_made(page)
        page.set_viewport_size({"width": width, "height": 900})

    # What was found is where one is now; the filters stand before it, and again behind the field from the top.
    page.goto(page.url.removesuffix("#res"))
    walk_to(page, skip, most=1)
    page.keyboard.press("Enter")
    walk_to(page, field, most=1)
    box = page.locator("input[name=country][value=BE]")
    if width < 992:
        walk_to(page, page.locator(".filterbox > summary"))
        page.keyboard.press("Enter")
    assert not is_focused(hits.first)
    walk_to(page, box, most=30)
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    press(page, page.locator("form.filters").get_by_role("button", name="Apply"), most=FAR)

    expect(page).to_have_url(re.compile(r"q=young&country=BE#res$"))
    expect(page.locator("#rh")).to_have_text("1 found")
    hit = page.locator(f"ol.results h3 a[href*='{door}']")
    if script:
        is_well_made(page)
    # From here the results come next: no filter lies on the way.
    assert walk_to(page, hit, most=10) > 0
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(door)))


# The search in the head of every page.


@pytest.mark.parametrize(
    ("width", "path"), [(1440, "/"), (360, "/practices/"), (360, "/places/bologna-3181928/")]
)
def test_the_search_is_reached_by_keyboard_from_every_page(
    open_page: OpenPage, library: House, width: int, path: str
) -> None:
    page = open_page(path, base=library.url, width=width, script=False)
    link = page.locator("header.masthead").get_by_role("link", name="Search")
    expect(link).to_be_in_viewport()

    for _step in range(16):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{library.url}/search/")
    expect(page.locator("#sq")).to_be_focused()


# The filters: counts, an address, a feed and files.


@pytest.mark.parametrize("script", [True, False], ids=["keyboard", "without script"])
def test_each_filter_says_how_many_and_the_search_is_an_address(
    open_page: OpenPage, library: House, script: bool
) -> None:
    page = open_page("/practices/", base=library.url, script=script)
    all_of_them = page.locator("#rh").inner_text()
    failed = page.locator("label.check", has=page.locator("input[name=type][value=failed]"))
    expect(failed.locator(".num")).to_have_text("1")
    failed.locator("input").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(page.locator("#rh")).to_have_text("1 practice")
    expect(page).to_have_url(re.compile(r"/practices/\?type=failed(#results)?$"))
    expect(page.locator("input[name=type][value=failed]")).to_be_checked()
    expect(page.locator("ol.results")).to_contain_text("An attempt that did not work")
    for name, kind in (("CSV", "text/csv"), ("JSON", "application/json"), ("ATOM", "application/atom+xml")):
        address = page.locator(".res-head").get_by_role("link", name=name, exact=True).get_attribute("href")
        answer = page.request.get(f"{library.url}/practices/{address}")
        assert answer.headers["content-type"].startswith(kind)
        assert "A cafe that failed" in answer.text()
        assert "One door" not in answer.text()
    page.goto(page.url.split("#")[0])
    expect(page.locator("#rh")).to_have_text("1 practice")
    page.get_by_role("link", name="Clear").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rh")).to_have_text(all_of_them)


def test_the_library_for_a_place_like_ones_own_is_chosen_from_the_list(
    open_page: OpenPage, library: House
) -> None:
    page = open_page("/practices/", base=library.url)
    field = page.get_by_role("combobox", name="Region, city or municipality")
    field.focus()
    page.keyboard.type("bolog")
    expect(page.get_by_role("option").first).to_contain_text("Bologna")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile("Bologna.*Italy"))
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/practices/\?like=bologna-3181928(#results)?$"))
    expect(page.locator("ol.results .why")).to_have_text(
        "Why here: It was done in Emilia-Romagna, in which Bologna lies."
    )


def test_the_library_for_a_place_like_ones_own_without_script(open_page: OpenPage, library: House) -> None:
    page = open_page("/practices/", base=library.url, script=False, width=360)
    page.locator(".filterbox > summary").click()
    page.locator("#like").fill("San Lorenzo")
    page.keyboard.press("Enter")
    expect(page.locator("#rh")).to_have_text("Which place?")

    page.goto(f"{library.url}/practices/")
    page.locator(".filterbox > summary").click()
    page.locator("#like").fill("Bologna")
    page.keyboard.press("Enter")
    expect(page.locator("ol.results .why")).to_be_visible()

    page.locator(".filterbox > summary").click()
    page.locator("#like").fill("")
    page.locator("#like").press("Enter")
    expect(page).to_have_url(re.compile(r"/practices/(#results)?$"))


# A draft, sent back with reasons, and its second version accepted by another person.

LOOKS = ("scope", "approach", "results", "transfer")


def test_sent_back_with_reasons_and_accepted_by_another_person(open_page: OpenPage, library: House) -> None:
    made = _made(library)
    library.run("role", "ada@library.example", "manager", made["centre"])
    library.run("role", "rita@library.example", "manager", made["centre"])
    author = open_page("/", base=library.url)
    sign_in(author, library, "ada@library.example")
    author.goto(f"{library.url}/practices/new/")
    for name, text in {
        "title": "A bus that carries the office",
        "summary": "The office comes to five villages.",
        "challenge": "The next counter is an hour away.",
        "approach": "One bus, two officers, one day a village.",
        "places": "Belgium",
    }.items():
        author.locator(f"form.practice-form [name={name}]").fill(text)
    body = author.locator("select[name=organisation]")
    if body.count():
        body.select_option(label="Centre of Belgium")
    author.locator("form.practice-form button[type=submit]").first.click()
    slug = re.search(r"/practices/([^/]+)/versions/1/", author.url)
    assert slug is not None, author.url
    at = f"{library.url}/practices/{slug[1]}/"
    author.goto(f"{at}edit/")
    author.locator("button[name=do][value=submit]").click()
    expect(author.locator(".notice")).to_contain_text("It is being reviewed.")

    assert author.goto(f"{at}review/").status in {200, 404}  # type: ignore[union-attr]
    expect(author.locator("#decide")).to_have_count(0)

    rita = open_page("/", base=library.url, script=False)
    sign_in(rita, library, "rita@library.example")
    rita.goto(f"{library.url}/practices/inbox/")
    rita.get_by_role("link", name="A bus that carries the office").click()
    decide(rita, "changes", "")
    expect(rita.locator("[role=alert]")).to_contain_text("Say in words what is asked for")
    expect(rita.locator("#decide [name=scope_because]")).to_have_value("The scope is told well.")
    decide(rita, "changes", "Say what one day costs.")

    author.goto(f"{library.url}/practices/mine/")
    author.get_by_role("link", name=re.compile("What is asked for")).click()
    expect(author.locator("main")).to_contain_text("Say what one day costs.")
    expect(author.locator("main")).to_contain_text("The transfer is told well.")
    author.goto(f"{at}edit/")
    author.locator("[name=amount]").fill("€ 900 a day")
    author.locator("button[name=do][value=submit]").click()
    decide_alone = author.goto(f"{at}review/")
    assert decide_alone is not None
    expect(author.locator("#decide")).to_have_count(0)
    assert open_page("/practices/", base=library.url).goto(at).status == 404  # type: ignore[union-attr]

    # Another person decides on the second round, reads what was asked for, and sees what came of it.
    library.run("role", "sam@library.example", "manager", made["centre"])
    sam = open_page("/", base=library.url, script=False)
    sign_in(sam, library, "sam@library.example")
    sam.goto(f"{library.url}/practices/inbox/")
    sam.get_by_role("link", name="A bus that carries the office").click()
    expect(sam.locator("#asked")).to_contain_text("Say what one day costs.")
    expect(sam.locator("#asked")).to_contain_text("The transfer is told well.")
    expect(sam.locator("#since ins")).to_contain_text("€ 900 a day")
    expect(sam.locator("#since dt")).to_have_count(1)
    author.goto(f"{at}versions/1/reviews/")
    expect(author.locator("#asked")).to_contain_text("Say what one day costs.")
    expect(author.locator("#since ins")).to_contain_text("€ 900 a day")
    decide(sam, "publish", "Thank you.")

    reader = open_page(f"/practices/{slug[1]}/", base=library.url, script=False)
    expect(reader.locator("h1")).to_have_text("A bus that carries the office")
    expect(reader.locator("main")).to_contain_text("€ 900 a day")

    rita.goto(f"{at}withdraw/")
    rita.locator("main form select, main form input[type=radio]").first.focus()
    if rita.locator("main form select").count():
        rita.locator("main form select").first.select_option("outdated")
    else:
        rita.locator("input[name=because][value=outdated]").check()
    rita.get_by_role("button", name="Withdraw it").click()
    gone = reader.goto(at)
    assert gone is not None
    assert gone.status == 410
    expect(reader.locator("h1")).to_have_text("This practice was withdrawn")
    expect(reader.locator("main")).not_to_contain_text("€ 900 a day")
    assert (
        "A bus that carries the office"
        not in reader.request.get(f"{library.url}/practices/?format=json").text()
    )


def decide(page: Page, decision: str, words: str) -> None:
    """Fill in the checklist and decide."""
    form = page.locator("#decide form")
    for look in LOOKS:
        form.locator(f"[name={look}]").select_option("good")
        form.locator(f"[name={look}_because]").fill(f"The {look} is told well.")
    form.locator(f"input[name=decision][value={decision}]").check()
    form.locator("[name=words]").fill(words)
    form.locator("button[type=submit]").click()


def test_a_taking_over_is_confirmed_said_to_be_dropped_and_the_page_tells_why(
    open_page: OpenPage, library: House, door: str
) -> None:
    made = _made(library)
    taker = open_page("/", base=library.url)
    sign_in(taker, library, "taker@library.example")
    taker.goto(f"{library.url}{door}adopt/")
    taker.locator("[name=adopter_text]").fill("City of Oulu")
    taker.locator("[name=place]").fill("Oulu")
    taker.locator("[name=since]").fill("2025-03-01")
    taker.locator("main form button[type=submit]").first.click()
    address = taker.url.split("?")[0]

    origin = open_page("/practices/", base=library.url, script=False)
    origin.context.add_cookies([made["manager"] | {"url": library.url}])
    origin.goto(address)
    origin.get_by_role("button", name="That is so").click()

    taker.goto(f"{address}edit/")
    taker.locator("[name=stage]").select_option("dropped")
    taker.locator("main form button[type=submit]").first.click()
    expect(taker.locator("main .notice.bad, main .field.bad").first).to_be_visible()
    taker.locator("[name=dropped_because]").fill("The room was sold.")
    taker.locator("main form button[type=submit]").first.click()

    reader = open_page(door, base=library.url, script=False)
    expect(reader.locator("#thread li.gap")).to_contain_text("City of Oulu")
    expect(reader.locator("#thread li.gap")).to_contain_text("The room was sold.")
    lineage = reader.request.get(f"{library.url}/practices/lineage.json").json()["items"]
    assert ["dropped", "The room was sold."] in [[one["stage"], one["dropped_because"]] for one in lineage]
