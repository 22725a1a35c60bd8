"""The script that listens: it comes again, goes on from where it was, keeps what is paused and what was sent while offline."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from koinon.live import tickets
from tests.faults.stream_readers import Speaker, TinyHouse

pytestmark = [pytest.mark.browser, pytest.mark.server]

LISTEN = """
async ([address, more]) => {
  const { listen, outbox } = await import("/stream.js");
  window.seen = []; window.states = []; window.asked = 0;
  window.stream = listen(address, {
    snapshot: (data) => seen.push(["snapshot", data.said]),
    change: (about, data) => seen.push([about, data.said]),
    reset: () => seen.push(["reset"]),
    state: (state) => states.push(state),
    poll: async () => { asked += 1; const answer = await fetch("/figures"); if (!answer.ok) throw 0; },
    renew: async () => more.renew,
  });
  window.box = outbox("tiny", {
    send: (item, key) => fetch(more.say, { method: "POST", body: JSON.stringify({ said: item }),
      headers: { "Authorization": `Bearer ${more.ticket}`, "Idempotency-Key": key } }),
    done: (item) => seen.push(["sent", item]),
    refused: (item, answer) => seen.push(["refused", answer.status]),
    changed: (waiting) => { window.waiting = waiting; },
  });
}
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyHouse]:
    with TinyHouse(tmp_path_factory.mktemp("tiny")) as house:
        yield house


@pytest.fixture
def name() -> str:
    """A channel of the test's own."""
    return "a" + uuid.uuid4().hex[:8]


@pytest.fixture
def page(browser: Browser, tiny: TinyHouse) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"http://127.0.0.1:{tiny.port}/page")
    yield page
    context.close()


def address(name: str, ticket: str = "") -> str:
    return f"/tiny/{name}/events?ticket={ticket or tickets.issue(f'tiny:{name}')}"


def listen(page: Page, name: str, at: str = "") -> None:
    ticket = tickets.issue(f"tiny:{name}", voice="mine")
    more = {"renew": address(name), "say": f"/tiny/{name}/say", "ticket": ticket}
    page.evaluate(LISTEN, [at or address(name), more])


def until(page: Page, what: str) -> Any:
    return page.wait_for_function(what).json_value()


def speaker(tiny: TinyHouse, name: str) -> Speaker:
    return Speaker(
        tiny.port, [tickets.issue(f"tiny:{name}", voice=f"v{number}") for number in range(20)], name
    )


def test_it_goes_on_after_a_cut_and_begins_anew_after_a_restart(
    page: Page, tiny: TinyHouse, name: str
) -> None:
    listen(page, name)
    until(page, "() => seen.length == 1")
    says = speaker(tiny, name)
    says.say("one")
    until(page, "() => seen.length == 2")
    page.context.set_offline(True)
    until(page, "() => states.at(-1).name == 'offline' && states.at(-1).seconds >= 1")
    says.say("two")
    says.say("three")
    page.context.set_offline(False)
    until(page, "() => seen.length == 4 && states.at(-1).name == 'live'")
    says.close()

    assert page.evaluate("seen") == [["snapshot", []], ["say", "one"], ["say", "two"], ["say", "three"]]
    tiny.kill()
    until(page, "() => states.at(-1).name == 'offline'")
    tiny.start()
    until(page, "() => seen.length == 6")
    assert page.evaluate("seen.slice(4)") == [["reset"], ["snapshot", ["one", "two", "three"]]]


def test_what_comes_while_paused_is_kept_and_counted(page: Page, tiny: TinyHouse, name: str) -> None:
    listen(page, name)
    until(page, "() => seen.length == 1")
    page.evaluate("stream.pause()")
    says = speaker(tiny, name)
    for word in ("one", "two", "three"):
        says.say(word)
    says.close()
    until(page, "() => states.at(-1).kept == 3")
    assert page.evaluate("[seen.length, states.at(-1).paused]") == [1, True]

    page.evaluate("stream.resume()")

    assert page.evaluate("seen.slice(1)") == [["say", "one"], ["say", "two"], ["say", "three"]]
    assert page.evaluate("states.at(-1)") == {"name": "live", "seconds": 0, "paused": False, "kept": 0}


def test_what_is_sent_offline_goes_out_once_when_the_line_is_back(
    page: Page, tiny: TinyHouse, name: str
) -> None:
    listen(page, name)
    until(page, "() => seen.length == 1")
    page.route("**/say", lambda route: route.abort())
    page.evaluate("() => { box.add('typed'); box.add('and more'); }")
    until(page, "() => waiting.length == 2")
    # The page may be closed meanwhile: the box is in the browser, not in the page.
    page.reload()
    listen(page, name)
    assert page.evaluate("box.waiting") == ["typed", "and more"]
    page.unroute("**/say")

    until(page, "() => seen.filter((one) => one[0] == 'sent').length == 2")
    time.sleep(0.5)
    assert page.evaluate("box.waiting") == []
    shown = page.evaluate(
        "seen.flatMap((one) => one[0] == 'snapshot' ? one[1] : one[0] == 'say' ? [one[1]] : [])"
    )
    assert shown == ["typed", "and more"]
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_refusal_is_told_and_not_tried_again(page: Page, tiny: TinyHouse, name: str) -> None:
    listen(page, name)
    page.evaluate("() => box.add(undefined)")

    until(page, "() => seen.some((one) => one[0] == 'refused' && one[1] == 422)")
    assert page.evaluate("box.waiting") == []


def test_a_blocked_stream_is_asked_for_instead(page: Page, tiny: TinyHouse, name: str) -> None:
    page.route("**/events**", lambda route: route.abort())
    listen(page, name)
    until(page, "() => asked >= 1 && states.at(-1).name == 'asking'")
    page.unroute("**/events**")

    until(page, "() => states.at(-1).name == 'live' && seen.length == 1")


def test_an_old_ticket_is_renewed_and_a_right_that_ended_is_told(
    page: Page, tiny: TinyHouse, name: str
) -> None:
    listen(page, name, address(name, "kt1.old.ticket"))
    until(page, "() => states.at(-1).name == 'live' && seen.length == 1")

    revoked = tiny.data / "revoked"
    revoked.write_text("0")
    until(page, "() => states.at(-1).name == 'ended'")
    revoked.unlink()
