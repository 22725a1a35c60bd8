"""The meaning of all texts: made in the background, kept in the database, held in memory as one matrix.

    bridges.listeners.append(vectors.take)     # in the process that holds the index: what is new waits for its vectors
    vectors.work()                             # … which are made beside the requests
    vectors.held()                             # in every process: what can be compared now, read anew each two seconds

Nothing is embedded in a request but what somebody typed. What was made is never made again: a kill costs the text that was
at work. The matrix is bounded (`MEANING_MOST` in the settings): where there is more, the most asked for and the newest stay.
"""

import logging
import re
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections, transaction
from django.db.models import F
from django.utils import timezone

from koinon.search import bridges, encoder
from koinon.search.documents import Document, Text
from koinon.search.encoder import Away, Kind
from koinon.search.models import MOST_TRIES, Vector
from koinon.search.sources import sources

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("koinon.search")

Thing = tuple[str, str]
"""Type and key."""
Place = tuple[str, str, str, int]
"""Type, key, language and part: what names a row of the matrix."""

MOST: Final = 50_000
"""Vectors held, 1.5 KB each, where the settings say nothing else."""
AT_ONCE: Final = 8
EACH: Final = 2.0
"""Seconds between two looks for what other processes made."""
OVERLAP: Final = timedelta(seconds=30)
"""A transaction may be seen later than the moment it wrote down."""
WAITS: Final = (2.0, 5.0, 15.0, 60.0)
"""Seconds until the next try where the encoder is away."""
MOST_KEPT: Final = 2048
MOST_ASKED: Final = 5000
WHOLE, TITLE, PIECES = 0, 1, 2
"""Parts of a text: all of it, its title alone, and from 2 on its pieces."""
PIECE: Final = 300
MOST_PIECES: Final = 4

_SENTENCE = re.compile(r"(?<=[.!?;…])\s+")


def parts(text: Text) -> list[str]:
    """The passages of a text that are embedded: the whole as far as it is read, the title, and pieces of whole sentences."""
    whole = f"{text.title}. {text.body}".strip(". ")
    if not whole:
        return []
    made = [whole, text.title.strip() or whole[:PIECE]]
    piece = ""
    for sentence in _SENTENCE.split(text.body[: PIECE * (MOST_PIECES + 2)]):
        if piece and len(piece) + len(sentence) > PIECE:
            made.append(piece)
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        made.append(piece)
    return made[: PIECES + MOST_PIECES] if len(made) > PIECES + 1 else made[:PIECES]


def digest(model: str, kind: Kind, text: str) -> str:
    """What names a text as one encoder sees it."""
    return sha256(f"{model}\0{kind}\0{encoder.wash(text, kind)}".encode()).hexdigest()[:32]


# What is held in memory.


class Held:
    """All vectors that there are, at one moment. Nobody changes it; the next moment has another."""

    def __init__(
        self,
        places: list[Place],
        matrix: "np.ndarray",
        languages: "np.ndarray",
        things: "np.ndarray",
        names: list[Thing],
        concepts: dict[Thing, frozenset[str]],
        version: int,
    ) -> None:
        self.places = places
        self.matrix = matrix
        """Row after row, length one; as many as `places`."""
        self.languages = languages
        """The language of each row, as a place in `LANGUAGES`."""
        self.things = things
        """The thing of each row, as a place in `names`."""
        self.names = names
        self.concepts = concepts
        self.version = version
        self.derived: dict[str, Any] = {}
        """What others work out of it once and keep as long as it holds."""


class Store:
    """The vectors of this process: read from the database by one thread, taken as a whole by everybody else."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[Place, tuple[int, bytes, str]] = {}
        self._seen: dict[int, tuple[Place, datetime]] = {}
        self._until: datetime | None = None
        self._model = ""
        self._held: Held | None = None
        self._version = 0

    def held(self) -> Held | None:
        """What is there now; None before the first look."""
        return self._held

    def look(self) -> bool:
        """Read what changed since the last look. True where something did."""
        try:
            model = encoder.model()
        except Away:
            return False
        with self._lock:
            changed = self._held is None
            if model != self._model:
                self._rows, self._seen, self._until, self._model = {}, {}, None, model
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
            if changed:
                self._publish()
            return changed

    def _publish(self) -> None:
        import numpy as np

        places = list(self._rows)
        width = max((len(data) for _pk, data, _c in self._rows.values()), default=0) // 2
        places = [place for place in places if len(self._rows[place][1]) == width * 2]
        matrix = np.empty((len(places), width), np.float32)
        for at in range(0, len(places), 4096):
            some = b"".join(self._rows[place][1] for place in places[at : at + 4096])
            matrix[at : at + 4096] = np.frombuffer(some, np.float16).reshape(-1, width)
        names: dict[Thing, int] = {}
        things = np.fromiter(
            (names.setdefault((p[0], p[1]), len(names)) for p in places), np.int32, len(places)
        )
        languages = np.fromiter((_language(p[2]) for p in places), np.int16, len(places))
        concepts: dict[Thing, frozenset[str]] = {}
        for place in places:
            if said := self._rows[place][2]:
                thing = (place[0], place[1])
                concepts[thing] = concepts.get(thing, frozenset()) | frozenset(said.split())
        self._version += 1
        self._held = Held(places, matrix, languages, things, list(names), concepts, self._version)

    def forget(self) -> None:
        with self._lock:
            self._rows, self._seen, self._until, self._held, self._model = {}, {}, None, None, ""


LANGUAGES: list[str] = []
"""Languages in the order in which they were met; a row names its language by the place in here."""


def _language(code: str) -> int:
    if code not in LANGUAGES:
        LANGUAGES.append(code)
    return LANGUAGES.index(code)


def _most() -> int:
    return int(getattr(settings, "MEANING_MOST", MOST))


store = Store()


def held() -> Held:
    """What can be compared now. Raises `Away` where there is no encoder or nothing was read yet; then it is being read."""
    encoder.model()
    now = store.held()
    if now is None:
        keeper.start()
        raise Away("the vectors are being read")
    keeper.start()
    return now


# What somebody typed, and texts that are asked about again and again.

_kept: OrderedDict[str, "np.ndarray"] = OrderedDict()
_kept_lock = Lock()


def of_query(text: str, *, within: float | None = None) -> "np.ndarray":
    """The vector of what somebody typed, from memory where it was typed before."""
    row: np.ndarray = of_texts([text], "query", within=within)[0]
    return row


def of_texts(texts: Sequence[str], kind: Kind, *, within: float | None = None) -> "np.ndarray":
    """A row for each text: from memory, from the database, and what is left from the encoder. Raises `Away`."""
    import numpy as np

    model = encoder.model()
    marks = [digest(model, kind, text) for text in texts]
    found: dict[str, np.ndarray] = {}
    with _kept_lock:
        for mark in marks:
            if mark in _kept:
                _kept.move_to_end(mark)
                found[mark] = _kept[mark]
    missing = list(dict.fromkeys(mark for mark in marks if mark not in found))
    if len(missing) > 1:
        rows = Vector.objects.filter(digest__in=missing).made().values_list("digest", "data")
        found |= {mark: np.frombuffer(bytes(data), np.float16).astype(np.float32) for mark, data in rows}
        missing = [mark for mark in missing if mark not in found]
    if missing:
        by_mark = dict(zip(marks, texts, strict=True))
        made = encoder.embed([by_mark[mark] for mark in missing], kind, within=within)
        found |= dict(zip(missing, made, strict=True))
    with _kept_lock:
        for mark in marks:
            _kept[mark] = found[mark]
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return np.stack([found[mark] for mark in marks])


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
            said = " ".join(sorted(bridges.concepts_in(passage))) if place[3] == WHOLE else ""
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


def _passages(document: Document) -> Iterable[tuple[Place, str]]:
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


def _answers() -> bool:
    try:
        encoder.embed(["ready"], "passage", within=10.0, background=True)
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
    with _asked_lock:
        counts = dict(_asked)
        _asked.clear()
    for (type, key), number in counts.items():
        Vector.objects.filter(type=type, key=key, data=b"").update(asked=F("asked") + number)


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
            while not self._stop.is_set():
                made = 0
                try:
                    close_old_connections()
                    if self._makes and rounds % 100 == 0:
                        _settle()
                    store.look()
                    encoder.look()
                    if self._makes:
                        made = make_some()
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
