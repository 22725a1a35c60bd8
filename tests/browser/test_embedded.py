"""A city puts the answer for it on its own site: a page of another origin shows it in a frame, without a script of ours."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.keyboard import press, reach
from tests.browser.test_every_page import RULES
from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

BOLOGNA = "bologna-3181928"
OpenPage = Callable[..., Page]


class City:
    """A city's own site, on another port: another origin."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.pages.get(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def city() -> Iterator[City]:
    running = City()
    yield running
    running.server.shutdown()
    running.server.server_close()


def page_with(words: str) -> str:
    return f'<!doctype html><html lang="en"><title>A city</title><main><h1>A city</h1>{words}</main></html>'


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_foreign_page_shows_the_answer_and_its_links_lead_out(
    open_page: OpenPage, koinon: House, city: City, script: bool
) -> None:
    place = open_page(f"/places/{BOLOGNA}/", script=script)
    # The page is long: one of the links at its head leads nearly to its end.
    press(place, place.locator("a[href='#sure']").first)
    reach(place, place.get_by_text("Put this on your own site"))
    place.keyboard.press("Enter")
    reach(place, place.locator("#snippet"))
    city.pages["/"] = page_with(place.locator("#snippet").input_value())

    page = open_page("/", base=city.url, width=360, script=script)
    frame = page.frame_locator("iframe")

    assert frame.locator("h1").inner_text() == "Bologna"
    assert frame.locator("h2").count() == 6
    assert page.context.cookies() == []
    if script:
        found = Axe().run(page, options={"runOnly": RULES})
        assert found.violations_count == 0, found.generate_report()

    # Into the frame, through it, and out by its last link but one; the tabulator is caught nowhere.
    page.keyboard.press("Tab")
    press(page, frame.get_by_role("link", name="The whole answer, with its sources"))
    assert page.url == f"{koinon.url}/places/{BOLOGNA}/"
    page.go_back()
    press(page, frame.locator("h1 a"))
    assert page.url == f"{koinon.url}/places/{BOLOGNA}/"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_the_tabulator_goes_through_the_frame_and_on(
    open_page: OpenPage, koinon: House, city: City, script: bool
) -> None:
    frame = f'<iframe title="Bologna" src="{koinon.url}/de/places/{BOLOGNA}/embed/"></iframe>'
    city.pages["/"] = page_with(f'<a href="/before">Before</a>{frame}<a href="/after">After</a>')

    page = open_page("/", base=city.url, script=script)

    assert page.frame_locator("iframe").locator("h1").inner_text() == "Bologna"
    reach(page, page.get_by_role("link", name="Before"))
    reach(page, page.frame_locator("iframe").locator("h1 a"), most=3)
    reach(page, page.get_by_role("link", name="After"))


@pytest.mark.parametrize("path", [f"/places/{BOLOGNA}/", "/", "/ask/", "/account/login/"])
def test_every_other_page_refuses_the_frame(
    open_page: OpenPage, koinon: House, city: City, path: str
) -> None:
    city.pages["/"] = page_with(f'<iframe title="not to be seen" src="{koinon.url}{path}"></iframe>')

    page = open_page("/", base=city.url)
    page.wait_for_load_state("networkidle")

    assert page.frame_locator("iframe").locator(".masthead, main").count() == 0
    assert all("chrome-error" in frame.url for frame in page.frames[1:])


def test_a_script_of_another_site_reads_the_data_and_nothing_else(
    open_page: OpenPage, koinon: House, city: City
) -> None:
    city.pages["/"] = page_with("")
    page = open_page("/", base=city.url)
    reading = "address => fetch(address).then(a => a.json()).then(a => a.shelves.length, () => 'no')"

    assert page.evaluate(reading, f"{koinon.url}/api/v1/places/{BOLOGNA}/answer") == 6
    assert (
        page.evaluate("address => fetch(address).then(() => 'yes', () => 'no')", f"{koinon.url}/api/v1/calls")
        == "no"
    )
