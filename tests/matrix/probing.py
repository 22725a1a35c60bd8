"""How a cell of the table is tried: one right, of one row, by one actor, on a thing that is own, sibling's or foreign."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import reverse

from koinon.journal.models import Entry
from koinon.network.limits import anonymous_writes
from koinon.network.models import Organisation
from koinon.network.visitor import Visitor
from koinon.people.actions import make_token
from koinon.people.models import Person
from tests.matrix.table import ACTORS, HIDDEN, TENANTS, allows
from tests.matrix.world import World

LOGIN = "/account/login/"


@dataclass
class Trial:
    """One try: who, on what."""

    world: World
    actor: str
    relation: str
    client: Client
    already: int = 0
    _made: list[Any] = field(default_factory=list)
    _at: int = 0
    _is_making: bool = False

    def begin(self) -> None:
        self.already, self._at = 0, 0

    def made(self, make: Callable[[], Any]) -> Any:
        """The thing to try on: made once, and the same when it is tried again after it was taken away.

        What making it writes into the journal is not the deed.
        """
        if self._is_making:
            return make()
        if self._at == len(self._made):
            before, self._is_making = Entry.objects.count(), True
            self._made.append(make())
            self.already += Entry.objects.count() - before
            self._is_making = False
        self._at += 1
        return self._made[self._at - 1]

    @property
    def tenant(self) -> Organisation:
        return self.world.tenants[self.relation]

    @property
    def consortium(self) -> Organisation:
        return self.world.consortia[self.relation]

    @property
    def visitor(self) -> Visitor:
        return self.world.visitor(self.actor)

    @property
    def me(self) -> Person | None:
        return self.world.people.get(self.actor)

    @property
    def somebody(self) -> Person:
        """Whose thing it is: the actor's own, or another's (who holds no role)."""
        if self.relation == "mine" and self.me is not None:
            return self.me
        return self.world.people["INNO" if self.actor == "PART" else "PART"]

    def get(self, name: str, /, *args: Any, **query: Any) -> HttpResponse:
        return self.client.get(reverse(name, args=args), query)  # type: ignore[return-value]

    def post(self, name: str, /, *args: Any, **sent: Any) -> HttpResponse:
        return self.client.post(reverse(name, args=args), sent)  # type: ignore[return-value]

    def ask_api(self, name: str, *args: Any, **query: Any) -> HttpResponse:
        """Read from the API: with a token of one's own, as programs do."""
        address = reverse(name, args=args)
        return self.client.get(address, query, headers=self._token())  # type: ignore[return-value]

    def tell_api(self, name: str, *args: Any, **sent: Any) -> HttpResponse:
        """Write through the API."""
        return self.tell_api_at(reverse(name, args=args), **sent)

    def tell_api_at(self, address: str, *, method: str = "post", **sent: Any) -> HttpResponse:
        send = {"post": self.client.post, "patch": self.client.patch}[method]
        return send(address, sent, content_type="application/json", headers=self._token())  # type: ignore[return-value]

    def _token(self) -> dict[str, str]:
        if self.me is None:
            return {}
        _, secret = make_token(self.me, by=None, label="matrix", scopes=["read", "write", "desk"])
        return {"Authorization": f"Bearer {secret}"}

    def act(self, deed: Callable[[], object]) -> HttpResponse:
        """Try an action itself, where no address leads to somebody else's thing."""
        try:
            deed()
        except PermissionDenied:
            return HttpResponse(status=403)
        except Http404:
            return HttpResponse(status=404)
        return HttpResponse(status=200)


@dataclass(frozen=True)
class Probe:
    """How one right of one row is exercised.

    `views`: the addresses it stands for, by name. `relations`: what the thing can be to the actor. `only`: an address
    that is narrower than its row (the others are denied there). `never`: the table's row gives it, a rule beyond the
    table takes it (oneself, above one's rank). `journals`: whether doing it is written into the journal. `without`: how to take the
    thing away, for rows whose existence is hidden. `behind`: the row that says whether the thing is there for somebody,
    where that is another than the row of the right (a note on a question).
    """

    row: str
    right: str
    name: str
    do: Callable[[Trial], HttpResponse]
    views: tuple[str, ...] = ()
    relations: tuple[str, ...] = TENANTS
    only: frozenset[str] | None = None
    never: frozenset[str] = field(default_factory=frozenset)
    journals: bool = False
    without: Callable[[Trial], None] | None = None
    behind: str = ""

    def __str__(self) -> str:
        return f"{self.row}-{self.right}-{self.name}"

    @property
    def shown_by(self) -> str:
        """The row that says for whom the thing is there."""
        return self.behind or self.row

    def expects(self, actor: str, relation: str) -> bool:
        if actor in self.never or (self.only is not None and actor not in self.only):
            return False
        return allows(self.row, actor, self.right, relation)


@dataclass(frozen=True)
class Outcome:
    """What came of a try."""

    status: int
    to_login: bool
    written: int
    body: bytes

    @property
    def went(self) -> bool:
        return (self.status < 400 and not self.to_login) or self.status in {409, 422}

    def is_denied(self, probe: "Probe", actor: str, relation: str) -> bool:
        """The way to sign in, or not allowed; missing where existence is hidden from this actor."""
        if self.written:
            return False
        if self.to_login or self.status == 401:
            return True
        sees = allows(probe.shown_by, actor, "R", relation) and not (
            probe.right == "R" and actor in probe.never
        )
        hidden = probe.shown_by in HIDDEN and not sees
        hidden = hidden or relation == "stranger"
        return self.status == 404 if hidden else self.status in {401, 403}


def attempt(probe: Probe, trial: Trial) -> Outcome:
    mine = Entry.objects.exclude(verb__startswith="token.made") if probe.row != "H4" else Entry.objects.all()
    trial.begin()
    before = mine.count()
    answer = probe.do(trial)
    where = answer.headers.get("Location", "")
    body = b"" if answer.streaming else answer.content
    return Outcome(
        answer.status_code, where.partition("?")[0] == LOGIN, mine.count() - before - trial.already, body
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(probe: Probe, world: World, actor: str, relation: str) -> Outcome:
    client = world.client(actor)
    with undone():
        cache.clear()
        anonymous_writes.forget()
        return attempt(probe, Trial(world, actor, relation, client))


def control(probe: Probe) -> tuple[str, str] | None:
    """The first cell of a probe in which somebody can: its positive control."""
    return next(
        (
            (actor, relation)
            for actor in ACTORS
            for relation in probe.relations
            if probe.expects(actor, relation)
        ),
        None,
    )
