"""The front: what was answered before and did not change costs nothing; what must not be shared is not."""

from __future__ import annotations

import asyncio
import gzip
from datetime import date
from typing import Any

from django.http import HttpResponse

from koinon.base.front import MARK, Front, Message, Receive, Scope, Send, Shelf, shared

DAY = date(2026, 11, 26)


class Inside:
    """An application that counts how often it was asked."""

    def __init__(self, body: bytes = b"<p>Bologna</p>", mark: str | None = "ITH55 coming money") -> None:
        self.body, self.mark, self.asked = body, mark, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        headers = [(b"content-type", b"text/html")]
        if self.mark is not None:
            headers.append((MARK.lower().encode(), self.mark.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class House:
    def __init__(self, inside: Inside, most_bytes: int = 10_000_000) -> None:
        self.version, self.day = 1, DAY
        self.inside = inside
        self.shelf = Shelf(lambda: self.version, most_bytes)
        self.front = Front(inside, self.shelf, "koinon", lambda: self.day)

    def ask(
        self, path: str = "/places/ITH55/", query: bytes = b"", method: str = "GET", **headers: str
    ) -> Answer:
        return asyncio.run(self._ask(path, query, method, headers))

    async def _ask(self, path: str, query: bytes, method: str, headers: dict[str, str]) -> Answer:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "headers": [
                (b"host", b"koinon.example"),
                *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
            ],
        }
        await self.front(scope, receive, send)
        return Answer(sent)


class Answer:
    def __init__(self, sent: list[Message]) -> None:
        self.status = sent[0]["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])


def test_a_page_asked_again_is_not_made_again() -> None:
    house = House(Inside())

    first, again = house.ask(), house.ask()

    assert house.inside.asked == 1
    assert first.body == again.body == b"<p>Bologna</p>"


def test_a_change_of_the_data_makes_the_page_anew() -> None:
    house = House(Inside())
    house.ask()

    house.version = 2
    house.inside.body = b"<p>changed</p>"

    assert house.ask().body == b"<p>changed</p>"


def test_a_page_made_while_the_data_changed_is_not_kept() -> None:
    house = House(Inside())
    original = house.inside.__call__

    async def change_midway(scope: Scope, receive: Receive, send: Send) -> None:
        house.version += 1
        await original(scope, receive, send)

    house.front.inner = change_midway
    house.ask()
    house.ask()

    assert house.inside.asked == 2


def test_a_new_day_makes_the_page_anew() -> None:
    house = House(Inside())
    house.ask()

    house.day = date(2026, 11, 27)
    house.ask()

    assert house.inside.asked == 2


def test_somebody_with_a_session_gets_and_leaves_no_shared_page() -> None:
    house = House(Inside())
    house.ask(cookie="koinon=abc")
    house.ask()
    house.ask(cookie="other=1; koinon=abc")

    assert house.inside.asked == 3


def test_other_cookies_do_not_matter() -> None:
    house = House(Inside())
    house.ask()
    house.ask(cookie="theme=dark")

    assert house.inside.asked == 1


def test_what_is_not_marked_is_never_kept() -> None:
    house = House(Inside(mark=None))
    house.ask()
    house.ask()

    assert house.inside.asked == 2


def test_the_mark_never_leaves_the_house() -> None:
    house = House(Inside())

    answers = [house.ask(), house.ask(), house.ask(cookie="koinon=abc"), house.ask(method="POST")]

    assert [MARK.lower() in answer.headers for answer in answers] == [False] * 4


def test_address_query_and_language_are_kept_apart() -> None:
    house = House(Inside())
    house.ask()
    house.ask(path="/de/places/ITH55/")
    house.ask(query=b"on=2022-06-01")

    assert house.inside.asked == 3


def test_gaps_are_counted_each_time_they_are_shown() -> None:
    house = House(Inside())
    house.ask()
    house.ask()
    house.ask(method="HEAD")

    assert house.shelf.take_counts() == {(DAY, "ITH55", "coming"): 2, (DAY, "ITH55", "money"): 2}
    assert house.shelf.take_counts() == {}


def test_counts_given_back_are_not_lost() -> None:
    house = House(Inside())
    house.ask()
    taken = house.shelf.take_counts()
    house.ask()

    house.shelf.give_back(taken)

    assert house.shelf.take_counts()[DAY, "ITH55", "money"] == 2


def test_packed_bytes_for_who_takes_them() -> None:
    house = House(Inside())
    house.ask()

    packed = house.ask(accept_encoding="gzip, br")

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == b"<p>Bologna</p>"


def test_who_has_the_page_already_gets_no_body() -> None:
    house = House(Inside())
    house.ask()
    etag = house.ask().headers["etag"]

    again = house.ask(if_none_match=etag)

    assert (again.status, again.body) == (304, b"")


def test_head_gets_the_length_and_no_body() -> None:
    house = House(Inside())
    house.ask()

    head = house.ask(method="HEAD")

    assert (head.body, head.headers["content-length"]) == (b"", "14")


def test_the_oldest_pages_go_when_there_are_too_many() -> None:
    house = House(Inside(body=b"x" * 1000), most_bytes=5000)
    for number in range(10):
        house.ask(path=f"/places/{number}/")

    assert house.shelf.bytes <= 5000
    house.ask(path="/places/9/")
    assert house.inside.asked == 10
    house.ask(path="/places/0/")
    assert house.inside.asked == 11


def test_marking_says_that_others_may_keep_it_only_after_asking() -> None:
    response = shared(HttpResponse("x"), place="IT", gaps=["coming"])

    assert response.headers[MARK] == "IT coming"
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
