"""What is sent: the entries of the journal that a webhook wants, in their order, each thing as the API gives it to everybody."""

import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils import translation

from koinon.base.languages import in_language
from koinon.journal.fresh import Fresh, Source
from koinon.journal.models import Entry
from koinon.network.actions.roles import site
from koinon.network.visitor import ANYONE
from koinon.news import subjects
from koinon.news.listing import LISTING, row_of
from koinon.questions.api import AnsweredOut, answered
from koinon.questions.models import Answer
from koinon.webhooks.gone import WAS_SHOWN, addresses
from koinon.webhooks.kinds import TEST, Kind, known
from koinon.webhooks.models import Hook

STRETCH = 200
MOST_BYTES = 256 * 1024
# Source → the operation of the API that gives one thing by the last part of its address.
_OPERATIONS = {
    "calls": "api:call",
    "sessions": "api:session",
    "courses": "api:course",
    "practices": "api:practice",
    "network": "api:organisation",
}


@dataclass(frozen=True)
class Waiting:
    """One entry of the journal that the webhook wants to be told of."""

    number: int
    kind: Kind
    key: str
    when: datetime
    hash: str


@dataclass(frozen=True)
class Parcel:
    """One event as it is sent. The id comes from the entry's own hash: the same at each try, and never another entry's."""

    id: str
    number: int
    kind: str
    title: str
    body: bytes


class Queue:
    """What one webhook is still to be told, read from the journal bit by bit. `cursor`: up to where nothing is left to tell."""

    def __init__(self, hook: Hook, upto: int) -> None:
        self.hook, self.upto = hook, upto
        self.cursor = self._read = hook.cursor
        self._waiting: deque[Waiting] = deque()

    def next(self) -> Parcel | None:
        """The next event; the same again until `arrived` was called for it. None: there is nothing up to the end."""
        while True:
            if not self._waiting:
                self.cursor = max(self.cursor, self._read)
                if self._read >= self.upto:
                    return None
                self._fill()
                continue
            parcel = parcel_of(self.hook, self._waiting[0])
            if parcel is not None:
                return parcel
            # Nobody may read it any more, or it fits no more.
            self.cursor = self._waiting.popleft().number

    def arrived(self) -> None:
        self.cursor = self._waiting.popleft().number

    def _fill(self) -> None:
        found = _entries(self.hook, self._read, self.upto)
        self._read = found[-1].number if len(found) == STRETCH else self.upto
        self._waiting.extend(_fitting(self.hook, found))


def _entries(hook: Hook, after: int, upto: int) -> list[Waiting]:
    kinds = {name: kind for name, kind in known().items() if not hook.types or name in hook.types}
    rows = Entry.objects.filter(pk__gt=after, pk__lte=upto, verb__in=list(kinds)).order_by("pk")
    columns = ("pk", "verb", "when", "thing", "hash", "details")
    found = []
    for number, verb, when, thing, mark, details in rows.values_list(*columns)[:STRETCH]:
        label, _, key = thing.partition(":")
        # An entry of this verb about something else is none of this kind; its number is passed all the same.
        kind = kinds[verb]
        is_ours = label == kind.source.thing and (verb not in WAS_SHOWN or details.get(WAS_SHOWN[verb]))
        found.append(Waiting(number, kind, key if is_ours else "", when, mark))
    return found


def _fitting(hook: Hook, found: Sequence[Waiting]) -> Iterable[Waiting]:
    """Those whose thing everybody may read now and that pass the filter; a few queries for each source."""
    with translation.override(hook.language):
        items: dict[tuple[str, str], Fresh] = {}
        for source in {one.kind.source.name: one.kind.source for one in found}.values():
            keys = sorted({one.key for one in found if one.kind.source is source and one.key})
            items |= {(source.name, item.key): item for item in source.load(keys)} if keys else {}
        passes = Filter(hook, items.values())
        fit = {thing for thing, item in items.items() if passes(item)}
    # What is gone goes to every webhook that wants such events: what it was about nobody may read any more.
    gone = {
        (name, key)
        for name in {one.kind.source.name for one in found if one.kind.is_gone}
        for key in addresses(
            name, {one.key for one in found if one.kind.is_gone and one.kind.source.name == name}
        )
        if (name, key) not in items
    }
    return [one for one in found if (one.kind.source.name, one.key) in (gone if one.kind.is_gone else fit)]


class Filter:
    """Whether a thing is for a webhook: for its place, its topic and its body, where it names them; all of them have to fit."""

    def __init__(self, hook: Hook, items: Iterable[Fresh]) -> None:
        self.where = subjects.where(list(items)) if hook.place else subjects.Where({})
        wanted: tuple[tuple[str, str, list[str]], ...] = (
            (subjects.PLACE, hook.place, hook.levels),
            (subjects.TOPIC, hook.topic, []),
            (subjects.ORGANISATION, hook.body, []),
        )
        self.questions = [subjects.question(kind, key, levels) for kind, key, levels in wanted if key]

    def __call__(self, item: Fresh) -> bool:
        return all(fits(item, self.where) for fits in self.questions)


def parcel_of(hook: Hook, waiting: Waiting) -> Parcel | None:
    """The event as everybody may read its thing at this moment; None where nobody may."""
    source = waiting.kind.source
    if waiting.kind.is_gone:
        return _gone(hook, waiting)
    with translation.override(hook.language):
        item = next(iter(source.load([waiting.key])), None)
        if item is None or not Filter(hook, [item])(item):
            return None
        data = data_of(waiting, item, hook.language)
        if data is None:
            return None
        told = {
            "id": id_of(hook, waiting.hash),
            "type": waiting.kind.name,
            "timestamp": waiting.when,
            "kind": source.name,
            "thing": f"{source.name}:{waiting.key}",
            "happened": str(waiting.kind.label),
            "title": item.title,
            "language": item.language,
            "about": item.about,
            "places": list(item.places),
            "topics": list(item.topics),
            "objectives": list(item.objectives),
            "url": site() + in_language(item.address, hook.language),
            "api": _api_of(source, item.address),
            "data": data,
        }
    body = _written(told)
    if len(body) > MOST_BYTES:
        body = _written({**told, "data": None})
    return Parcel(str(told["id"]), waiting.number, waiting.kind.name, item.title[:200], body)


def _gone(hook: Hook, waiting: Waiting) -> Parcel | None:
    """That a thing is gone, and where it stood; nothing of what it said. None where it is back, or was never for everybody."""
    source = waiting.kind.source
    address = addresses(source.name, [waiting.key]).get(waiting.key)
    with translation.override(hook.language):
        if address is None or next(iter(source.load([waiting.key])), None) is not None:
            return None
        told = {
            "id": id_of(hook, waiting.hash),
            "type": waiting.kind.name,
            "timestamp": waiting.when,
            "kind": source.name,
            "thing": f"{source.name}:{waiting.key}",
            "happened": str(waiting.kind.label),
            "title": "",
            "language": hook.language,
            "about": "",
            "places": [],
            "topics": [],
            "objectives": [],
            "url": site() + in_language(address, hook.language),
            "api": _api_of(source, address),
            "data": None,
        }
    return Parcel(str(told["id"]), waiting.number, waiting.kind.name, "", _written(told))


def id_of(hook: Hook, mark: str) -> str:
    return f"msg_{hook.code}_{mark[:32]}"


def trial_parcel(hook: Hook, now: datetime) -> Parcel:
    """An event that tells nothing, to see whether it arrives."""
    mark = f"test{int(now.timestamp() * 1000)}"
    told = {
        "id": id_of(hook, mark),
        "type": TEST,
        "timestamp": now,
        "kind": "test",
        "data": {"webhook": hook.code, "organisation": hook.organisation.slug},
    }
    return Parcel(id_of(hook, mark), 0, TEST, "", _written(told))


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, cls=DjangoJSONEncoder).encode()


def _api_of(source: Source, path: str) -> str | None:
    name = _OPERATIONS.get(source.name)
    return reverse(name, args=[path.rstrip("/").rpartition("/")[2]]) if name else None


def data_of(waiting: Waiting, item: Fresh, language: str) -> Any:
    """The thing as the API gives it to whoever asks without a token; None where it gives nothing."""
    source = waiting.kind.source
    address = _api_of(source, item.address)
    if address is not None:
        return _asked(address, language)
    if source.name == "answers":
        row = Answer.objects.public().select_related("body").prefetch_related("places").filter(pk=item.key)
        found = row.first()
        return AnsweredOut(**answered(found)).model_dump(mode="json") if found is not None else None
    # News and reports have no address of their own in the API: this is what /api/v1/news says of them.
    told = row_of(source, item, str(waiting.kind.label), waiting.when, subjects.where([item]).chains)
    return {column.name: column.value(told) for column in LISTING.columns}


def _asked(address: str, language: str) -> Any:
    """What an operation of the API answers to anybody; None where it gives it to nobody.

    Where it cannot answer at this moment, that is an error: the event waits, and is not passed over.
    """
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = address
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "443", "REQUEST_METHOD": "GET"}
    view = resolve(address)
    if view.url_name == "practice":
        request.GET = QueryDict(f"lang={language}")
    request.visitor = ANYONE  # type: ignore[attr-defined]
    answer = view.func(request, *view.args, **view.kwargs)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return json.loads(answer.content) if answer.status_code == 200 else None
