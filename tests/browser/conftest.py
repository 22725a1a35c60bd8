"""A real Chromium against a real Koinon. Everything the browser asks of anybody else finds nobody and is remembered."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import chromium
from tests.serving import House, furnish, house


@pytest.fixture(scope="session")
def koinon() -> Iterator[House]:
    """One running house with all facts, for all browser tests."""
    with tempfile.TemporaryDirectory(prefix="koinon-browser-") as data:
        furnish(Path(data))
        with house(Path(data)) as running:
            yield running


@pytest.fixture(scope="session")
def pseudo() -> Iterator[House]:
    """The same, speaking the made-up language of the tests."""
    with tempfile.TemporaryDirectory(prefix="koinon-pseudo-") as data:
        furnish(Path(data))
        with house(Path(data), module="tests.browser.pseudo_house") as running:
            yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium.program()
    assert program is not None, "Chromium was not found"
    with sync_playwright() as playwright:
        nobody_else = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
        arguments = [*chromium.ARGUMENTS, nobody_else]
        running = playwright.chromium.launch(executable_path=program, args=arguments)
        yield running
        running.close()


class Strangers(list[str]):
    """Addresses that a page asked of somebody else."""


@pytest.fixture
def open_page(browser: Browser, koinon: House) -> Iterator[Callable[..., Page]]:
    """`open_page(path, width=360, scheme="dark", script=False)`: a page in a browser that has never been here."""
    contexts: list[BrowserContext] = []

    def opening(
        path: str = "/", *, width: int = 1440, height: int = 900, scheme: str = "light", **more: Any
    ) -> Page:
        script = more.pop("script", True)
        base = more.pop("base", koinon.url)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            reduced_motion="reduce",
            locale=more.pop("locale", "en-GB"),
            **more,
        )
        contexts.append(context)
        strangers = Strangers()

        # Heard, not held up: a request that waits for the test makes each page slow.
        context.on(
            "request",
            lambda asked: None if asked.url.startswith(base) else strangers.append(asked.url),
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.strangers = strangers  # type: ignore[attr-defined]
        page.goto(base + path)
        return page

    yield opening
    for context in contexts:
        context.close()
