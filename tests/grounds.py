"""Where hostile input is thrown: every address with each method that gets anywhere, and the fields that it reads."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from koinon.base.governance import operations, routes
from koinon.network.actions import corrections
from koinon.network.models import Confirmation, Role
from koinon.network.models.corrections import hash_of
from koinon.network.visitor import ANYONE
from koinon.notices.testing import make_complained, make_decided, make_feedback, make_notice
from koinon.people.actions import make_link, make_token
from koinon.people.testing import come_in, make_passkey, make_person
from tests import (
    grounds_agenda,
    grounds_calls,
    grounds_courses,
    grounds_hour,
    grounds_news,
    grounds_peers,
    grounds_practices,
    grounds_questions,
    grounds_registration,
    grounds_reports,
    grounds_reviews,
    grounds_room,
    grounds_spaces,
    grounds_webhooks,
)
from tests.hostile import ask, came_through, fields_read
from tests.matrix.probing import undone
from tests.matrix.world import make_world

PART = re.compile(r"<(?:\w+:)?(\w+)>")
VIEWS = {route: pattern.callback for route, pattern in routes()}

# Who comes: nobody, roles of the matrix, and three in the middle of something: of signing in, of moving to another
# address, of proving anew. TOKEN: a program of the centre's manager.
ACTORS = ("ANON", "CMG", "CLD", "ADM", "MA", "NCO", "BEGUN", "MOVING", "PROVING")

FORMS = {
    "about": "host",
    "action_add": "1",
    "city": "Bruxelles",
    "contact": "",
    "decision": "accept",
    "email": "ana@example.org",
    "fault": "wrong",
    "ground": "nothing",
    "kind": "editor",
    "label": "Mine",
    "language": "en",
    "languages": "en",
    "lead_text": "",
    "name": "Ana",
    "name_local": "",
    "nonce": "12345678",
    "outcome": "kept",
    "published": "yes",
    "reason": "So it is.",
    "scopes": "read",
    "text": "It is another.",
    "version": "1",
    "website": "",
    "words": "It is as it was.",
}
"""What may be typed into the fields of all forms, so that one alone can be hostile."""


@dataclass(frozen=True)
class Way:
    """One address with one method: who gets through to it, which fields it reads from address or form, which from JSON."""

    route: str
    method: str
    actor: str
    fields: tuple[str, ...]
    members: tuple[str, ...]


class Grounds:
    """The actors in their tenants, one of each thing that an address can name, and every way in."""

    _ways: list[Way] = []

    def __init__(self) -> None:
        cache.clear()
        self.world = make_world()
        self.world.signed_in()
        own, manager = self.world.tenants["own"], self.world.people["CMG"]
        self.slug = own.slug
        self._sessions = {actor: self._session(actor) for actor in ("BEGUN", "MOVING", "PROVING")}
        correction, self.code = corrections.suggest(own, by=ANYONE, about="host", text="?", nonce="12345678")
        token, self.secret = make_token(manager, by=None, label="t", scopes=["read", "write", "desk"])
        Confirmation.objects.create(
            organisation=own,
            person=manager,
            code=hash_of("confirm"),
            expires_at=timezone.now() + timedelta(days=1),
        )
        self._parts = {"key": "bologna-3181928", "slug": own.slug, "code": self.code, "pk": "1"}
        self._others: dict[str, dict[str, object]] = {
            "/inside/": {"key": "ITH5"},
            "/edit/consortium/": {"slug": self.world.consortia["own"].slug},
            "/confirm/<str:code>/": {"code": "confirm"},
            "/corrections/<int:pk>/": {"pk": correction.pk},
            "/people/<int:pk>/end/": {"pk": Role.objects.get(person=self.world.people["CED"]).pk},
            "network/roles/": {"pk": Role.objects.get(person=manager).pk},
            "account/tokens/": {"pk": token.pk},
            "account/others/": {"pk": self.world.people["PART"].pk},
            "account/passkeys/": {"pk": make_passkey(manager).pk},
            "account/link/": {"secret": make_link(manager)},
            "notices/new/": {"about": f"organisation:{own.slug}"},
            "notices/receipt/": {"code": "decided"},
            "notices/<str:number>/": {"number": make_notice(own).number},
            "/complaint/": {"number": make_complained(own).number},
            "notices/decisions/": {"number": make_decided(own, code="decided").number},
            "notices/feedback/": {"number": make_feedback(own).number},
            **grounds_questions.parts(self.world),
            **grounds_agenda.parts(self.world),
            **grounds_calls.parts(self.world),
            **grounds_registration.parts(self.world),
            **grounds_room.parts(self.world),
            **grounds_hour.parts(self.world),
            **grounds_practices.parts(self.world),
            **grounds_news.parts(self.world),
            **grounds_reports.parts(self.world),
            **grounds_courses.parts(self.world),
            **grounds_peers.parts(self.world),
            **grounds_webhooks.parts(self.world),
            **grounds_spaces.parts(self.world),
            **grounds_reviews.parts(self.world),
        }

    def _session(self, actor: str) -> str:
        browser, person = Client(), make_person()
        if actor == "BEGUN":
            browser.post("/account/login/", {"email": person.email})
        elif actor == "MOVING":
            come_in(browser, person, proved=True)
            browser.post("/account/address/", {"email": "new@example.org", "action_add": "1"})
        else:
            come_in(browser, person)
            browser.post("/account/prove/code/", {"recipient": person.email})
        return browser.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, actor: str) -> Client:
        """A browser of this actor, as at the beginning, whatever it was brought to do; a fault is an answer to it."""
        if actor == "TOKEN":
            program = Client(headers={"Authorization": f"Bearer {self.secret}"})
            program.raise_request_exception = False
            return program
        if actor == "TICKET":
            ticket = grounds_room.RIGHT["sessions/<str:code>/room/voice/"]["ticket"]
            listener = Client(headers={"Authorization": f"Bearer {ticket}", "Idempotency-Key": str(uuid4())})
            listener.raise_request_exception = False
            return listener
        browser = self.world.client("ANON" if actor in self._sessions else actor)
        if actor in self._sessions:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[actor]
        browser.raise_request_exception = False
        return browser

    def address(self, route: str, **raw: str) -> str:
        """An address that leads to something, or with what is hostile in its parts."""
        parts: dict[str, object] = dict(self._parts)
        for piece, others in self._others.items():
            if piece in route:
                parts |= others
        parts |= raw
        if lacking := [name for name in PART.findall(route) if name not in parts]:
            raise LookupError(f"{route}: nothing is named by {lacking}; give it a part")
        return "/" + PART.sub(lambda found: str(parts[found[1]]), route)

    def ways(self) -> list[Way]:
        """Each address with each method that gets anywhere, by the first actor for whom it does. Found once."""
        if not self._ways:
            for route in VIEWS:
                for method in ("GET", "POST"):
                    self._ways.extend(self._ways_of(route, method))
        return self._ways

    def _ways_of(self, route: str, method: str) -> list[Way]:
        """The first who gets through; about accounts one for each who makes the view read other fields."""
        query, members = described(route, method)
        found: list[Way] = []
        actors = ACTORS if route.startswith("account/") else ACTORS[:6]
        if route.startswith(
            (
                "api/v1/desk/",
                "api/v1/practices",
                "api/v1/calls",
                "api/v1/webhooks",
                "api/v1/sessions/<code>/questions/<number>/",
            )
        ):
            actors = ("TOKEN",)
        elif route == "api/v1/sessions/<code>/questions":
            actors = ("TICKET",)
        for actor in actors:
            if found and not route.startswith("account/"):
                break
            through, fields, status = False, set(query), 0
            # A form may look at its fields only where something was sent.
            for sent in ("", "kind=editor&deed=lock"):
                with fields_read() as names, undone():
                    cache.clear()
                    answer = ask(
                        self.client(actor),
                        method,
                        self.address(route) + ("?" + sent if sent and method == "GET" and not query else ""),
                        sent if method == "POST" else "",
                    )
                if came_through(answer):
                    through = True
                    fields |= names - {"csrfmiddlewaretoken"}
                elif (status := answer.status_code) != 403:
                    # Refused before the view looked at what was sent.
                    break
            if status == 405:
                # Whoever comes: this address does not take the method.
                break
            known = {name for way in found for name in way.fields}
            if through and (not found or fields - known):
                found.append(Way(route, method, actor, tuple(sorted(fields)), tuple(sorted(members))))
        return found


def described(route: str, method: str) -> tuple[set[str], set[str]]:
    """What an operation of the API says it takes: in the query, in the body."""
    query: set[str] = set()
    body: set[str] = set()
    for operation in operations(VIEWS[route]):
        for model in operation.models if method in operation.methods else ():
            if model.__ninja_param_source__ == "query":
                query |= set(model.__ninja_flatten_map__)
            elif model.__ninja_param_source__ == "body":
                body |= {
                    name for sent in model.model_fields.values() for name in sent.annotation.model_fields
                }
    return query, body
