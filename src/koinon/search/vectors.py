"""The meaning of all texts: made in the background, kept in the database, held in memory as one matrix.

    bridges.listeners.append(vectors.take)     # in the process that holds the index: what is new waits for its vectors
    vectors.work()                             # … which are made beside the requests
    vectors.read()                             # in every other process that serves: they are read anew each two seconds
    vectors.held()                             # what can be compared now

Nothing is embedded in a request but what somebody typed; that is in memory for some minutes (`KEPT_FOR`) and written nowhere
else. What was made is never made again: a kill costs the text that was at work. The matrix is bounded (`MEANING_MOST` in the settings): where there is more, the most asked for and the newest stay.
"""

import logging
import re
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections, transaction
from django.db.models import F
from django.utils import timezone

from koinon.search import bridges, encoder, spaces
from koinon.search.documents import Document, Text
from koinon.search.encoder import Away, Kind
from koinon.search.models import MOST_TRIES, Vector
from koinon.search.sources import has_meaning, sources
from koinon.search.spaces import Offsets, Place, Space, Thing

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("koinon.search")

MOST: Final = 50_000
"""Vectors held, 1.5 KB each, where the settings say nothing else."""
AT_ONCE: Final = 8
EACH: Final = 2.0
"""Seconds between two looks for what other processes made."""
REST: Final = 20.0
"""The matrix is made anew at most one part in so many of the time."""
OVERLAP: Final = timedelta(seconds=30)
"""A transaction may be seen later than the moment it wrote down."""
WAITS: Final = (2.0, 5.0, 15.0, 60.0)
"""Seconds until the next try where the encoder is away."""
MOST_KEPT: Final = 2048
KEPT_FOR: Final = 300.0
"""Seconds for which the vector of what somebody typed stays in memory after it was last asked for."""
LOOSE_FOR: Final = timedelta(days=30)
"""A text of no thing that was worth keeping is made anew after so long: what it stood in may not be public any more."""
MOST_ASKED: Final = 5000
PIECE: Final = 260
MOST_PIECES: Final = 4

_SENTENCE = re.compile(r"(?<=[.!?;…])\s+")


def parts(text: Text) -> list[str]:
    """The passages of a text that are embedded: the whole as far as it is read, then pieces of whole sentences."""
    whole = f"{text.title}. {text.body}".strip(". \n")
    if not whole:
        return []
    pieces: list[str] = []
    piece = ""
    for sentence in _SENTENCE.split(text.body[: encoder.MOST["passage"]]):
        if piece and len(piece) + len(sentence) > PIECE:
            pieces.append(piece)
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        pieces.append(piece)
    return [whole, *pieces[:MOST_PIECES]] if len(pieces) > 1 else [whole]


def digest(model: str, kind: Kind, text: str) -> str:
    """What names a text as one encoder sees it."""
    return sha256(f"{model}\0{kind}\0{encoder.wash(text, kind)}".encode()).hexdigest()[:32]


# What is held in memory.


class Store:
    """The vectors of this process: read from the database by one thread, taken as a whole by everybody else."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[Place, tuple[int, bytes, str]] = {}
        self._seen: dict[int, tuple[Place, datetime]] = {}
        self._until: datetime | None = None
        self._model = ""
        self._space: Space | None = None
        self.offsets = Offsets()
        self._offsets_of = ""
        self._version = 0
        self._waits = False
        self._not_before = 0.0

    @property
    def knows_languages(self) -> bool:
        """Whether it is known how far each language lies off."""
        return bool(self._offsets_of) or not spaces.parallel()

    def held(self) -> Space | None:
        """What is there now; None before the first look."""
        return self._space

    def look(self) -> bool:
        """Read what changed since the last look. True where something did."""
        try:
            model = encoder.model()
        except Away:
            return False
        with self._lock:
            changed = self._space is None
            if model != self._model:
                self._rows, self._seen, self._until, self._model = {}, {}, None, model
                self.offsets, self._offsets_of = Offsets(), ""
                changed = True
            rows = Vector.objects.filter(model=model).exclude(type="")
            if self._until is None:
                rows = rows.filter(gone=False).exclude(data=b"")
            else:
                rows = rows.filter(changed_at__gt=self._until - OVERLAP)
            latest = self._until
            # Priority order, so that what is beyond the bound is what matters least.
            found = rows.order_by("-asked", "-on", "pk").values_list(
                "pk", "type", "key", "language", "part", "data", "gone", "changed_at", "concepts"
            )
            most = _most()
            for pk, type, key, language, part, data, gone, at, concepts in found.iterator(2000):
                latest = at if latest is None or at > latest else latest
                place = (type, key, language, part)
                if self._seen.get(pk) == (place, at):
                    continue
                if gone or not data:
                    changed |= self._rows.pop(place, None) is not None
                    self._seen.pop(pk, None)
                elif place in self._rows or len(self._rows) < most:
                    self._rows[place] = (pk, bytes(data), concepts)
                    self._seen[pk] = (place, at)
                    changed = True
            self._until = latest
            fresh = self._look_at_offsets(model)
            if changed or fresh:
                self._waits = True
            # The more there is, the longer it takes to make it anew, and the longer the next waits.
            if self._waits and (fresh or monotonic() >= self._not_before):
                began = monotonic()
                self._publish()
                self._not_before = monotonic() + REST * (monotonic() - began)
            return changed

    def _look_at_offsets(self, model: str) -> bool:
        """Read how far each language lies off, once all of it was made. True where that is new."""
        labels = spaces.parallel()
        wanted = {lang: [digest(model, "query", text) for text in texts] for lang, texts in labels.items()}
        mark = sha256(repr(wanted).encode()).hexdigest()
        if mark == self._offsets_of or not wanted:
            return False
        found = _made_before([each for marks in wanted.values() for each in marks])
        if any(each not in found for marks in wanted.values() for each in marks):
            return False
        self.offsets = Offsets.of({lang: _rows([found[m] for m in marks]) for lang, marks in wanted.items()})
        self._offsets_of = mark
        return True

    def _publish(self) -> None:
        width = max((len(data) for _pk, data, _said in self._rows.values()), default=0)
        places = [place for place, (_pk, data, _said) in self._rows.items() if len(data) == width]
        matrix = _rows([self._rows[place][1] for place in places])
        concepts: dict[Thing, frozenset[str]] = {}
        for place in places:
            if said := self._rows[place][2]:
                thing = (place[0], place[1])
                concepts[thing] = concepts.get(thing, frozenset()) | frozenset(said.split())
        self._version += 1
        self._waits = False
        self._space = Space(places, matrix, concepts, self.offsets, self._version)

    def forget(self) -> None:
        with self._lock:
            self._rows, self._seen, self._until, self._space, self._model = {}, {}, None, None, ""
            self.offsets, self._offsets_of, self._not_before = Offsets(), "", 0.0


def _rows(data: Sequence[bytes]) -> "np.ndarray":
    """Float32 rows of what is kept as float16."""
    import numpy as np

    if not data:
        return np.zeros((0, 0), np.float32)
    made = np.empty((len(data), len(data[0]) // 2), np.float32)
    for at in range(0, len(data), 4096):
        some = data[at : at + 4096]
        made[at : at + 4096] = np.frombuffer(b"".join(some), np.float16).reshape(len(some), -1)
    return made


def _most() -> int:
    return int(getattr(settings, "MEANING_MOST", MOST))


store = Store()


def held() -> Space:
    """What can be compared now. Raises `Away` where there is no encoder, or nothing was read yet (see `read`, `work`)."""
    encoder.model()
    now = store.held()
    if now is None:
        raise Away("the vectors were not read yet")
    return now


# What somebody typed, and texts that are asked about again and again.

_kept: OrderedDict[str, tuple[float, "np.ndarray"]] = OrderedDict()
"""Until when each is kept: in this order."""
_wished: OrderedDict[str, tuple[Kind, str]] = OrderedDict()
_kept_lock = Lock()


def of_query(text: str, kind: Kind = "query", *, within: float | None = None) -> "np.ndarray":
    """The vector of what somebody typed, from memory where it was typed before. Raises `Away`.

    Nothing of it is written anywhere: it stays in the memory of this process for a few minutes (`KEPT_FOR`).
    """
    mark = digest(encoder.model(), kind, text)
    row = _remembered([mark]).get(mark)
    if row is None:
        row = encoder.embed([text], kind, within=_seconds() if within is None else within)[0]
        _remember({mark: row})
    return row


def of_texts(texts: Sequence[str], kind: Kind, *, within: float, keep: bool = False) -> "np.ndarray":
    """A row for each text: from memory, and as many as there is time for from the encoder. Raises `Away` where there is none.

    Nothing of the texts is written anywhere, as by `of_query`; rows that could not be had are not numbers. With `keep` the
    texts are public: their rows come from the database too and are kept there for a while (`LOOSE_FOR`), and what is
    missing is made in the background.
    """
    import numpy as np

    until = monotonic() + within
    model = encoder.model()
    named = [digest(model, kind, text) for text in texts]
    marks = dict(zip(named, texts, strict=True))
    found = _remembered(named)
    missing = [mark for mark in marks if mark not in found]
    if missing and keep:
        for mark, data in _made_before(missing).items():
            found[mark] = _rows([data])[0]
    missing = [mark for mark in missing if mark not in found]
    try:
        while missing and (left := until - monotonic()) > 0:
            found[missing[0]] = encoder.embed([marks[missing[0]]], kind, within=left)[0]
            mark = missing.pop(0)
            if keep:
                _wish(mark, kind, "")
    except Away:
        pass
    if keep:
        for mark in missing:
            _wish(mark, kind, marks[mark])
    _remember(found)
    width = next((len(row) for row in found.values()), 1)
    none = np.full(width, np.nan, np.float32)
    return np.stack([found.get(mark, none) for mark in named])


def missing(texts: Sequence[str], kind: Kind, *, within: float) -> int:
    """How many of these public texts have no vector yet, after as many were made as there was time for. Raises `Away`."""
    import numpy as np

    return int(np.isnan(of_texts(texts, kind, within=max(0.0, within), keep=True)[:, 0]).sum())


def forget(texts: Iterable[str], kind: Kind) -> None:
    """These are not in the memory of this process any more."""
    with suppress(Away):
        model = encoder.model()
        marks = [digest(model, kind, text) for text in texts]
        with _kept_lock:
            for mark in marks:
                _kept.pop(mark, None)


def forget_old() -> None:
    """What nobody asked for in the last minutes is not in memory any more."""
    with _kept_lock:
        _drop_old()


def _drop_old() -> None:
    now = monotonic()
    while _kept and next(iter(_kept.values()))[0] <= now:
        _kept.popitem(last=False)


def _seconds() -> float:
    return float(getattr(settings, "ENCODER_SECONDS", encoder.WITHIN["query"]))


def _remembered(marks: Sequence[str]) -> "dict[str, np.ndarray]":
    until = monotonic() + KEPT_FOR
    with _kept_lock:
        _drop_old()
        found = {mark: _kept[mark][1] for mark in marks if mark in _kept}
        for mark, row in found.items():
            _kept[mark] = (until, row)
            _kept.move_to_end(mark)
    return found


def _remember(rows: "dict[str, np.ndarray]") -> None:
    until = monotonic() + KEPT_FOR
    with _kept_lock:
        for mark, row in rows.items():
            _kept[mark] = (until, row)
            _kept.move_to_end(mark)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
        _drop_old()


def _wish(mark: str, kind: Kind, text: str) -> None:
    """To be kept in the database: made already (no text), or to be made when there is time. For public texts only."""
    with _kept_lock:
        _wished[mark] = (kind, text)
        while len(_wished) > MOST_KEPT:
            _wished.popitem(last=False)


# What is new, what is gone.


def take(documents: Sequence[Document], gone: Collection[Thing] = ()) -> None:
    """These things are new or changed, and those are gone. Their passages wait for a vector, unless the same text has one."""
    try:
        model = encoder.model()
    except Away:
        model = ""
    now = timezone.now()
    things = {document.thing for document in documents} | set(gone)
    by_type: dict[str, set[str]] = {}
    for type, key in things:
        by_type.setdefault(type, set()).add(key)
    wanted: dict[Place, tuple[str, str, date | None]] = {}
    for document in documents:
        for place, passage in _passages(document):
            said = " ".join(sorted(bridges.concepts_in(passage))) if place[3] == spaces.WHOLE else ""
            wanted[place] = (digest(model, "passage", passage), said, document.on)
    with transaction.atomic():
        there: dict[Place, Vector] = {}
        for type, keys in by_type.items():
            for some in _some(sorted(keys)):
                for row in Vector.objects.filter(type=type, key__in=some):
                    there[(row.type, row.key, row.language, row.part)] = row
        for place, row in there.items():
            if place not in wanted and not row.gone:
                row.gone, row.data, row.changed_at = True, b"", now
                row.save()
        fresh = {
            place: values
            for place, values in wanted.items()
            if place not in there or there[place].gone or there[place].digest != values[0]
        }
        same = _made_before([values[0] for values in fresh.values()])
        new: list[Vector] = []
        for place, (mark, said, on) in wanted.items():
            type, key, language, part = place
            row = there.get(place) or Vector(type=type, key=key, language=language, part=part)
            if place not in fresh:
                if (row.concepts, row.on) != (said, on):
                    row.concepts, row.on, row.changed_at = said, on, now
                    row.save()
                continue
            row.model, row.digest, row.data, row.tries, row.gone = model, mark, same.get(mark, b""), 0, False
            row.concepts, row.on, row.changed_at = said, on, now
            if row.pk is None:
                new.append(row)
            else:
                row.save()
        Vector.objects.bulk_create(new, 500)
    keeper.wake()


def take_missing() -> None:
    """With the start: what is there, and was never taken, because the meaning was turned off, or the vectors were lost."""
    there = set(Vector.objects.filter(part=spaces.WHOLE).exclude(type="").values_list("type", "key"))
    for type, source in list(sources.items()):
        if not source.has_meaning:
            continue
        every = source.keys()
        missing = [key for key in every if (type, key) not in there]
        for some in _some(missing[: _most()], 100):
            take(list(source.load(list(some))))


def _passages(document: Document) -> Iterable[tuple[Place, str]]:
    if not has_meaning(document.type):
        return
    for text in document.texts:
        for part, passage in enumerate(parts(text)):
            yield (document.type, document.key, text.language, part), passage


def _made_before(marks: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for some in _some(marks):
        rows = Vector.objects.filter(digest__in=some).made().values_list("digest", "data")
        found |= {mark: bytes(data) for mark, data in rows}
    return found


def _some(keys: Sequence[str], number: int = 500) -> Iterable[Sequence[str]]:
    return (keys[at : at + number] for at in range(0, len(keys), number))


_asked: Counter[Thing] = Counter()
_asked_lock = Lock()


def asked(things: Iterable[Thing]) -> None:
    """These were shown to somebody: they come first where vectors are still to be made. Costs nothing."""
    with _asked_lock:
        if len(_asked) < MOST_ASKED:
            _asked.update(things)


# The thread.


def make_some(number: int = AT_ONCE) -> int:
    """Make the next vectors; how many were made. Raises `Away` where the encoder is, without giving up the rest."""
    model = encoder.model()
    _note_asked()
    rows = list(Vector.objects.waiting().exclude(type="").filter(model=model)[:number])
    made = 0
    passages = _texts_of(rows)
    for row in rows:
        passage = passages.get((row.type, row.key, row.language, row.part))
        changes: dict[str, Any] = {"changed_at": timezone.now()}
        if passage is None:
            changes |= {"gone": True}
        else:
            try:
                vector = encoder.embed([passage], "passage", background=True)[0]
            except Away:
                if encoder.state()["there"] and _answers():
                    # It answers another text: this one is the trouble. It is not tried for ever.
                    Vector.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
                    continue
                raise
            changes |= {"data": _bytes(vector), "digest": digest(model, "passage", passage)}
            made += 1
        # Only where the text is still the one that was read.
        Vector.objects.filter(pk=row.pk, digest=row.digest).update(**changes)
    return made


def make_wished(number: int = AT_ONCE) -> int:
    """Keep some public texts of no thing: those that `of_texts` was to keep, and first those that tell languages apart."""
    model = encoder.model()
    if not store.knows_languages:
        made = _make_labels(model, number)
        if made:
            return made
    with _kept_lock:
        wished = [(mark, *_wished.popitem(last=False)[1]) for mark in list(_wished)[:number]]
    found = _remembered([mark for mark, _kind, _text in wished])
    rows = []
    for mark, kind, text in wished:
        row = found.get(mark)
        if row is None and text:
            with suppress(Away):
                row = encoder.embed([text], kind, background=True)[0]
        if row is not None:
            rows.append(_loose(model, mark, row))
            _remember({mark: row})
    Vector.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _make_labels(model: str, number: int) -> int:
    """What is said in every language; not while all there is speaks one: then it is the same for all, and costs minutes."""
    spoken = Vector.objects.filter(gone=False).exclude(type="").values_list("language", flat=True)
    if len(spoken.order_by().distinct()[:2]) < 2:
        return 0
    wanted = {
        digest(model, "query", text): (language, text)
        for language, texts in spaces.parallel().items()
        for text in texts
    }
    there = _made_before(list(wanted))
    rows = []
    for mark in [mark for mark in wanted if mark not in there][: number * 4]:
        language, text = wanted[mark]
        row = encoder.embed([text], "query", background=True)[0]
        rows.append(_loose(model, mark, row, language))
    Vector.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _loose(model: str, mark: str, row: "np.ndarray", language: str = "") -> Vector:
    return Vector(
        key=mark, model=model, digest=mark, data=_bytes(row), language=language, changed_at=timezone.now()
    )


def _answers() -> bool:
    try:
        encoder.embed(["ready"], "passage", background=True)
    except Away:
        return False
    return True


def _bytes(vector: "np.ndarray") -> bytes:
    import numpy as np

    return bytes(vector.astype(np.float16).tobytes())


def _texts_of(rows: Sequence[Vector]) -> dict[Place, str]:
    found: dict[Place, str] = {}
    by_type: dict[str, list[str]] = {}
    for row in rows:
        by_type.setdefault(row.type, []).append(row.key)
    for type, keys in by_type.items():
        if source := sources.get(type):
            for document in source.load(list(dict.fromkeys(keys))):
                found |= dict(_passages(document))
    return found


def _note_asked() -> None:
    """Write down what was asked for, in few statements; nothing where nothing waits."""
    with _asked_lock:
        counts = dict(_asked)
        _asked.clear()
    if not counts or not Vector.objects.waiting().exists():
        return
    alike: dict[tuple[str, int], list[str]] = {}
    for (type, key), number in counts.items():
        alike.setdefault((type, number), []).append(key)
    for (type, number), keys in alike.items():
        for some in _some(sorted(keys)):
            Vector.objects.filter(type=type, key__in=some, data=b"").update(asked=F("asked") + number)


def _settle() -> None:
    """What another encoder made is made anew; what is gone for long is forgotten; what is beyond the bound waits no more."""
    try:
        model = encoder.model()
    except Away:
        return
    now = timezone.now()
    Vector.objects.exclude(model=model).filter(type="").delete()
    Vector.objects.exclude(model=model).update(model=model, data=b"", digest="", tries=0, changed_at=now)
    Vector.objects.forgettable().delete()
    Vector.objects.filter(type="", language="", changed_at__lt=now - LOOSE_FOR).delete()
    live = Vector.objects.filter(gone=False).exclude(type="")
    over = list(live.order_by("-asked", "-on", "pk").values_list("pk", flat=True)[_most() :][:5000])
    for at in range(0, len(over), 500):
        Vector.objects.filter(pk__in=over[at : at + 500]).update(gone=True, data=b"", changed_at=now)


class Keeper:
    """One thread in each process that searches: it reads what others made and, where it was told to, makes what is missing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._thread: Thread | None = None
        self._makes = False
        self._stop = Event()
        self._wake = Event()

    def start(self, *, makes: bool = False) -> None:
        """Twice is once."""
        self._makes |= makes
        if self._thread is not None or not getattr(settings, "MEANING_THREAD", True):
            return
        with self._lock:
            if self._thread is None:
                self._stop.clear()
                self._thread = Thread(target=self._run, name="koinon-meaning", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """With the server: end the thread; what is at work is made again."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._stop.set()
            self._wake.set()
        if thread is not None:
            thread.join(timeout=5)
        self._makes = False

    def _run(self) -> None:
        failed, rounds = 0, 0
        try:
            # Before the first who asks, who has no time to wait for it.
            encoder.warm()
            while not self._stop.is_set():
                made = 0
                forget_old()
                try:
                    close_old_connections()
                    if self._makes and rounds % 100 == 0:
                        if not rounds:
                            take_missing()
                        _settle()
                    store.look()
                    encoder.look()
                    if self._makes:
                        made = make_some() + make_wished()
                    else:
                        _note_asked()
                    failed = 0
                except Away:
                    failed += 1
                except (DatabaseError, InterfaceError) as trouble:
                    failed += 1
                    log.warning("meaning: the database does not answer: %s", trouble)
                    connections.close_all()
                except Exception:
                    failed += 1
                    log.exception("meaning: a round failed")
                rounds += 1
                if not made:
                    self._wake.wait(WAITS[min(failed, len(WAITS)) - 1] if failed else EACH)
                    self._wake.clear()
        finally:
            connections.close_all()


keeper = Keeper()


def read() -> None:
    """In every process that serves: read the vectors that there are, again and again. A command starts no thread."""
    keeper.start()


def work() -> None:
    """In the process that holds the index: read vectors, and make what is missing, beside the requests."""
    keeper.start(makes=True)


def stop() -> None:
    """With the server: end what was started."""
    keeper.stop()
    encoder.stop()


@dataclass(frozen=True)
class Progress:
    """How far it is: passages in all, with a vector, waiting, and those that the encoder could not take."""

    all: int
    made: int
    waiting: int
    refused: int


def progress() -> Progress:
    """For the health page."""
    live = Vector.objects.filter(gone=False).exclude(type="")
    whole, made = live.count(), live.made().count()
    refused = live.filter(data=b"", tries__gte=MOST_TRIES).count()
    return Progress(whole, made, whole - made - refused, refused)
