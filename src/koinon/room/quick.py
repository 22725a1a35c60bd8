"""The doors of a room: asking, voting and answering polls with the room's ticket, beside Django, many in one commit.

What is checked here needs no database; whether the room is open, and what may be seen, the commit itself asks.
"""

import json
import re
from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.live import doors, writer
from koinon.live.doors import Door, Stream
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job, problem
from koinon.questions.forms import Words
from koinon.room.actions import polling, saying, voting
from koinon.room.forms import LONGEST, OwnWords
from koinon.room.models import Contribution

SESSIONS = r"/api/v1/sessions/(?P<code>[A-Za-z0-9_-]{1,20})"
NOT_AS_DESCRIBED = "Something that was sent is not as the API describes it."
_MOST_CHOICES = 50
_TEXT = Words(max_length=LONGEST)
_OWN_WORDS = OwnWords(required=False)


def open_doors() -> None:
    """Register the stream and the three quick ways to write."""
    doors.streams.append(Stream(re.compile(r"/sessions/(?P<code>[^/]+)/room/events"), _channel))
    ways = (
        ("POST", rf"{SESSIONS}/questions", "room.say", parse_saying, saying.commit),
        ("PUT", rf"{SESSIONS}/questions/(?P<pk>\d{{1,15}})/vote", "room.vote", parse_vote, voting.commit),
        (
            "DELETE",
            rf"{SESSIONS}/questions/(?P<pk>\d{{1,15}})/vote",
            "room.unvote",
            parse_unvote,
            voting.commit,
        ),
        ("PUT", rf"{SESSIONS}/polls/(?P<pk>\d{{1,15}})/ballot", "room.ballot", parse_ballot, polling.commit),
    )
    for method, address, kind, parse, commit in ways:
        writer.writers[kind] = commit
        doors.doors.append(Door(method, re.compile(address), kind, parse))


def parse_saying(
    found: re.Match[str], headers: Mapping[str, str], body: bytes, ticket: Ticket
) -> Job | Answer:
    """`{"text", "kind"?, "lang"?, "place"?, "named"?, "contact"?, "may_quote"?}`, with an Idempotency-Key."""
    if not headers.get("idempotency-key"):
        return problem(422, "This needs an Idempotency-Key: a UUID that is new for each thing that is said.")
    sent = _object(body)
    if isinstance(sent, Answer):
        return sent
    what = saying_of(found["code"], sent)
    return what if isinstance(what, Answer) else _for_room(found["code"], ticket, what)


def saying_of(
    code: str, sent: Mapping[str, Any], *, page_language: str = DEFAULT
) -> "saying.Saying | Answer":
    """What was sent, checked; or what is wrong with it, field by field, never with what was sent."""
    wrong: list[dict[str, str]] = []
    known = {"text", "kind", "lang", "place", "named", "contact", "may_quote"}
    wrong += [
        {"field": name[:100], "wrong": "This field is not known here."} for name in sorted(set(sent) - known)
    ]
    text = ""
    for name, kind in (("text", str), ("kind", str), ("lang", str), ("place", str), ("contact", str)):
        if not isinstance(sent.get(name, ""), kind):
            wrong.append({"field": name, "wrong": "Text is wanted."})
    for name in ("named", "may_quote"):
        if not isinstance(sent.get(name, False), bool):
            wrong.append({"field": name, "wrong": "true or false is wanted."})
    if not wrong:
        try:
            text = _TEXT.clean(sent.get("text", ""))
        except ValidationError as trouble:
            wrong.append({"field": "text", "wrong": " ".join(trouble.messages)})
        if sent.get("kind", "question") not in Contribution.Kind.values:
            wrong.append({"field": "kind", "wrong": f"One of {', '.join(Contribution.Kind.values)}."})
        if sent.get("lang") and sent["lang"] not in ENDONYMS:
            wrong.append({"field": "lang", "wrong": "Not one of the 24 official languages."})
        if len(sent.get("place", "")) > 200:
            wrong.append(
                {"field": "place", "wrong": "There is no place with this key; see /api/v1/places?q="}
            )
        if sent.get("contact") and not _is_address(sent["contact"]):
            wrong.append({"field": "contact", "wrong": "Not an e-mail address."})
    if wrong:
        return problem(422, NOT_AS_DESCRIBED, errors=wrong[:20])
    return saying.Saying(
        code=code,
        kind=sent.get("kind", Contribution.Kind.QUESTION),
        text=text,
        page_language=sent.get("lang") or page_language,
        language=sent.get("lang", ""),
        place=sent.get("place", ""),
        contact=sent.get("contact", ""),
        may_quote=sent.get("may_quote", False),
        named=sent.get("named", False),
    )


def parse_vote(found: re.Match[str], headers: Mapping[str, str], body: bytes, ticket: Ticket) -> Job | Answer:
    return _vote(found, body, ticket, voted=True)


def parse_unvote(
    found: re.Match[str], headers: Mapping[str, str], body: bytes, ticket: Ticket
) -> Job | Answer:
    return _vote(found, body, ticket, voted=False)


def parse_ballot(
    found: re.Match[str], headers: Mapping[str, str], body: bytes, ticket: Ticket
) -> Job | Answer:
    """`{"choices": [numbers]}` or `{"words": "…"}`."""
    sent = _object(body)
    if isinstance(sent, Answer):
        return sent
    what = ballot_of(found["code"], int(found["pk"]), sent)
    return what if isinstance(what, Answer) else _for_room(found["code"], ticket, what)


def ballot_of(code: str, poll: int, sent: Mapping[str, Any]) -> "polling.Balloting | Answer":
    """A ballot as it was sent, checked as far as it can be without the poll."""
    wrong = [
        {"field": name[:100], "wrong": "This field is not known here."}
        for name in sorted(set(sent) - {"choices", "words"})
    ]
    choices, words = sent.get("choices", []), sent.get("words", "")
    is_list = isinstance(choices, list) and len(choices) <= _MOST_CHOICES
    if not is_list or not all(type(one) is int and 0 <= one <= 1000 for one in choices):
        wrong.append({"field": "choices", "wrong": "A list of numbers."})
    if not isinstance(words, str):
        wrong.append({"field": "words", "wrong": "Text is wanted."})
    else:
        try:
            words = _OWN_WORDS.clean(words)
        except ValidationError as trouble:
            wrong.append({"field": "words", "wrong": " ".join(trouble.messages)})
    if wrong:
        return problem(422, NOT_AS_DESCRIBED, errors=wrong[:20])
    return polling.Balloting(code, poll, tuple(choices), words)


def _vote(found: re.Match[str], body: bytes, ticket: Ticket, *, voted: bool) -> Job | Answer:
    if body.strip() not in {b"", b"{}"}:
        return problem(422, "Nothing is sent with a vote.")
    return _for_room(found["code"], ticket, voting.Voting(found["code"], int(found["pk"]), voted))


def _for_room(code: str, ticket: Ticket, what: object) -> Job | Answer:
    """A ticket of another room opens nothing here: it is as if there were nothing."""
    if ticket.channel != f"room:{code}":
        return problem(404, "There is nothing at this address.")
    return Job(what, ticket)


def _object(body: bytes) -> "dict[str, Any] | Answer":
    try:
        sent = json.loads(body)
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return problem(400, "This is no JSON that can be read.")
    return sent if isinstance(sent, dict) else problem(422, "An object is wanted.")


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def _channel(found: re.Match[str]) -> str:
    return f"room:{found['code']}"
