"""The calls' part of the API: anybody reads; with a token, those who may write drafts, correct and publish."""

from datetime import date, datetime, time
from typing import Annotated, Any

from django.http import Http404, HttpResponse, QueryDict
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AfterValidator, ConfigDict

from koinon.base.governance import governed
from koinon.base.problems import problem
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest, require
from koinon.calls.actions import publishing, writing
from koinon.calls.check import Verdict, verdict
from koinon.calls.forms import CheckForm, FirstDateForm, TermsForm
from koinon.calls.listing import LISTING, Calls, asked
from koinon.calls.models import Call, tombstone
from koinon.calls.permissions import may_change, may_create, may_publish
from koinon.calls.words import Applicant, Currency, Stage
from koinon.journal.once import KeyUsed, once
from koinon.network.api_auth import by_token
from koinon.network.models import Organisation
from koinon.practices.api_keys import KEY_HEADER, key_of

router = Router(tags=["calls"])
MOST = 500
Plain = Annotated[str, AfterValidator(plain)]


class Asked(Schema):
    """What may be asked of the calls. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field("", max_length=200, description="key of a place: open to it, or to what it lies in")
    stage: list[Stage] = Field([])
    who: list[Applicant] = Field([])
    topic: list[str] = Field([], max_length=20)
    objective: list[str] = Field([], max_length=13, description="letters a to m of the ESF+")
    limit: int = Field(100, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=1_000_000)


class CallOut(Schema):
    """A call. `closes` is the moment of its last date in UTC; `dates` are wall times with their zones, as announced."""

    slug: str
    title: str
    language: str
    summary: str
    stage: str = Field(description="open, coming, closed; draft for those who see drafts")
    opens_on: date | None
    closes: datetime | None
    dates: list[str]
    dates_certain: bool
    no_deadline: str
    opener: str
    programme: str | None
    who: list[str]
    who_text: str
    places: list[str]
    topics: list[str]
    objectives: list[str]
    under_priority: bool | None
    share: float | None
    least: float | None
    most: float | None
    budget: float | None
    currency: str
    address: str
    sources: list[str]
    checked_on: date
    confirmed_on: date | None
    stand: str = Field(description="held (confirmed by its owner), checked, stale, unsure, split")
    invented: bool
    url: str


class CallsOut(Schema):
    """`total` counts all that fit."""

    total: int
    items: list[CallOut]


class DateOut(Schema):
    """One cut-off date. `at` null: the time of day is not stated."""

    key: str
    day: date
    at: time | None
    zone: str
    ends: datetime
    label: str
    announced: str
    certain: bool
    moved_from: list[list[str]]


class ConditionOut(Schema):
    kind: str
    number: int | None
    day: date | None
    question: str
    says: str
    section: str
    mendable: bool


class WholeOut(CallOut):
    """One call with its text, dates and conditions. `conditions_whole`: whether these are all that the call has."""

    text: str
    places_says: str
    note: str
    disagree: list[str]
    keeper: str
    cutoffs: list[DateOut]
    conditions: list[ConditionOut]
    conditions_whole: bool
    changed_at: datetime
    version: int


class ReasonOut(Schema):
    outcome: str
    text: str
    says: str
    section: str
    mendable: bool


class VerdictOut(Schema):
    """Whether one may apply: yes, no or ask; each reason with the text of the call it rests on."""

    outcome: str
    mendable: bool
    reasons: list[ReasonOut]


class DeadlineIn(Schema, extra="forbid"):
    """A cut-off date as it was announced."""

    day: date
    at: time | None = None
    zone: str = Field("Europe/Brussels", max_length=60)
    fold: int | None = Field(None, ge=0, le=1)
    label: Plain = Field("", max_length=120)
    announced: Plain = Field("", max_length=120)
    certain: bool = True


class CallIn(Schema, extra="forbid"):
    """What is said of a call; what is not known stays out. `keeper`: the slug of one's own body."""

    keeper: Plain = Field(max_length=200)
    title: str = Field(max_length=200)
    language: str = Field("en", max_length=2)
    summary: str = Field("", max_length=300)
    text: str = Field("", max_length=12_000)
    opener: str = Field(max_length=200)
    programme: str = Field("", max_length=60)
    url: str = Field("", max_length=500)
    sources: list[str] = Field([], max_length=12)
    who: list[Applicant] = Field([])
    who_text: str = Field("", max_length=500)
    places: list[str] = Field([], max_length=40)
    places_says: str = Field("", max_length=500)
    topics: list[str] = Field([], max_length=20)
    objectives: list[str] = Field([], max_length=13)
    under_priority: bool | None = None
    share: float | None = None
    least: float | None = None
    most: float | None = None
    budget: float | None = None
    currency: Currency = Currency.EUR
    opens_on: date | None = None
    no_deadline: str = Field("", max_length=200)
    checked_on: date
    certain: bool = True
    note: str = Field("", max_length=500)
    disagree: list[str] = Field([], max_length=8)
    deadline: DeadlineIn | None = None


class CorrectionIn(Schema, extra="forbid"):
    """The fields that change, and the version that was read. Another version now is answered with 409 and what stands there."""

    version: int = Field(ge=1, le=2**31 - 1)
    words: str = Field("", max_length=500)
    title: str | None = Field(None, max_length=200)
    summary: str | None = Field(None, max_length=300)
    text: str | None = Field(None, max_length=12_000)
    url: str | None = Field(None, max_length=500)
    who: list[Applicant] | None = None
    who_text: str | None = Field(None, max_length=500)
    places: list[str] | None = Field(None, max_length=40)
    topics: list[str] | None = Field(None, max_length=20)
    objectives: list[str] | None = Field(None, max_length=13)
    share: float | None = None
    least: float | None = None
    most: float | None = None
    budget: float | None = None
    currency: Currency | None = None
    checked_on: date | None = None


class MadeOut(Schema):
    slug: str
    state: str
    version: int
    url: str


def _short(row: Call) -> dict[str, Any]:
    return {column.name: column.value(row) for column in LISTING.columns}


@router.get("/calls", response=CallsOut, url_name="calls", summary="Calls for proposals")
@governed("E6", GET="R")
def calls(request: HttpRequest, asked_for: Query[Asked]) -> dict[str, Any]:
    """Open calls by their next date, then those to come, then closed ones."""
    wanted = asked(request)
    if wanted.place_not_found:
        raise HttpError(422, "There is no place with this key.")
    found = Calls(wanted, request.visitor).found
    rows = found[asked_for.offset : asked_for.offset + asked_for.limit]
    return {"total": len(found), "items": [_short(row) for row in rows]}


def _visible(request: HttpRequest, slug: str) -> Call:
    rows = Call.objects.seen_by(request.visitor).select_related("opener", "keeper", "programme")
    found = rows.prefetch_related("places", "cutoffs", "conditions").filter(slug=slug[:120]).first()
    if found is None:
        raise Http404
    return found


@router.get("/calls/{slug}", response=WholeOut, url_name="call", summary="One call")
@governed("E6", GET="R")
def call(request: HttpRequest, slug: str) -> Any:
    """One call; 410 with the reason where it was withdrawn."""
    gone = tombstone(slug[:120])
    if gone is not None:
        return problem(410, "This call was withdrawn.", reason=gone.withdrawn_because)
    found = _visible(request, slug)
    return _short(found) | {
        "text": found.text,
        "places_says": found.places_says,
        "note": found.note,
        "disagree": found.disagree,
        "keeper": found.keeper.slug,
        "cutoffs": [
            {
                "key": one.key,
                "day": one.day,
                "at": one.at,
                "zone": one.zone,
                "ends": one.ends_at,
                "label": one.label,
                "announced": one.announced,
                "certain": one.certain,
                "moved_from": one.moved_from,
            }
            for one in found.dates
        ],
        "conditions": list(found.conditions.all()),
        "conditions_whole": found.conditions_whole,
        "changed_at": found.changed_at,
        "version": found.version,
    }


class CaseIn(Schema):
    """What somebody says of their own case; everything may stay open."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field("", max_length=200)
    who: Applicant | None = None
    partners: int | None = Field(None, ge=0, le=1000)
    abroad: int | None = Field(None, ge=0, le=1000)
    start: date | None = None
    months: int | None = Field(None, ge=0, le=1000)
    years: int | None = Field(None, ge=0, le=1000)
    share: int | None = Field(None, ge=0, le=100)


@router.get("/calls/{slug}/check", response=VerdictOut, url_name="check_call", summary="May a place apply?")
@governed("E6", GET="R")
def check(request: HttpRequest, slug: str, case: Query[CaseIn]) -> Any:
    """Yes, no or ask, with the reasons. The call's own questions are answered on its page only."""
    gone = tombstone(slug[:120])
    if gone is not None:
        return problem(410, "This call was withdrawn.", reason=gone.withdrawn_because)
    found = _visible(request, slug)
    conditions = list(found.conditions.all())
    form = CheckForm(request.GET, conditions=conditions)
    if not form.is_valid():
        return _wrong(form.errors)
    answer: Verdict = verdict(found, conditions, form.case(), stage=found.stage(), stand=found.stand)
    return {
        "outcome": answer.outcome,
        "mendable": answer.mendable,
        "reasons": [
            {
                "outcome": one.outcome,
                "text": one.text,
                "says": one.says,
                "section": one.section,
                "mendable": one.mendable,
            }
            for one in answer.reasons
        ],
    }


def _wrong(*errors: Any) -> HttpResponse:
    found = [
        {"field": name, "wrong": " ".join(map(str, words))} for one in errors for name, words in one.items()
    ]
    return problem(422, "Something that was sent is not as the API describes it.", errors=found)


def _once(request: HttpRequest, sent: Schema, do: Any) -> Any:
    key = key_of(request)
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    try:
        return once(mark, sent.model_dump_json(), do)
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None


def _form_data(values: dict[str, Any]) -> QueryDict:
    """What was sent as the form takes it: the same rules for pages and programs."""
    data = QueryDict(mutable=True)
    for name, value in values.items():
        if name in {"who", "objectives"}:
            data.setlist(name, value or [])
        elif name in {"places", "topics", "sources", "disagree"}:
            data[name] = "\n".join(value or [])
        elif name == "under_priority":
            data[name] = {True: "yes", False: "no"}.get(value, "")
        elif name == "certain":
            if value:
                data[name] = "on"
        else:
            data[name] = "" if value is None else str(value)
    return data


def _made(row: Call) -> dict[str, Any]:
    return {"slug": row.slug, "state": row.state, "version": row.version, "url": row.get_absolute_url()}


@router.post(
    "/calls",
    response={201: MadeOut},
    auth=by_token,
    url_name="draft_call",
    summary="Draft a call",
    openapi_extra=KEY_HEADER,
)
@governed("E7", POST="C")
def draft(request: HttpRequest, sent: CallIn) -> Any:
    """A draft that only its keeper's people see, until it is published."""
    keeper = Organisation.objects.seen_by(request.visitor).filter(slug=sent.keeper).first()
    if keeper is None:
        raise HttpError(422, "There is no body with this slug.")
    require(may_create(request.visitor, keeper))
    values = sent.model_dump(mode="json", exclude={"deadline", "keeper"})
    form = TermsForm(_form_data(values), by=request.visitor)
    form.fields.pop("keeper", None)
    first = FirstDateForm(_date_data(sent.deadline))
    if not all([form.is_valid(), first.is_valid()]):
        return _wrong(form.errors, first.errors)
    opens = form.cleaned_data["opens_on"]
    if first.is_given and opens is not None and first.cleaned_data["day"] < opens:
        raise HttpError(422, "deadline: it lies before the call opens.")

    def act() -> dict[str, Any]:
        when = first.when() if first.is_given else None
        return _made(writing.draft(keeper, by=request.visitor, terms=form.terms(), when=when))

    return Status(201, _once(request, sent, act))


def _date_data(sent: DeadlineIn | None) -> dict[str, str]:
    if sent is None:
        return {"zone": "Europe/Brussels"}
    values = sent.model_dump(mode="json")
    certain = values.pop("certain")
    data = {name: "" if value is None else str(value) for name, value in values.items()}
    return data | ({"certain": "on"} if certain else {})


@router.patch(
    "/calls/{slug}", response=MadeOut, auth=by_token, url_name="correct_call", summary="Correct a call"
)
@governed("E7", PATCH="U")
def correct(request: HttpRequest, slug: str, sent: CorrectionIn) -> Any:
    """Change what is said of it; the history of a public call keeps what differs."""
    found = _visible(request, slug)
    require(may_change(request.visitor, found))
    now = TermsForm(by=request.visitor, of=found).initial
    values = {
        name: now.get(name) for name in TermsForm.base_fields if name not in {"keeper", "words", "version"}
    }
    values |= {
        "sources": found.sources,
        "disagree": found.disagree,
        "places": [place.key for place in found.places.all()],
        "topics": list(found.topics),
        "under_priority": found.under_priority,
    }
    changed = sent.model_dump(mode="json", exclude_unset=True)
    if found.version != changed.pop("version"):
        return problem(409, "Somebody else changed it in the meantime.", current=_made(found))
    words = changed.pop("words", "")
    form = TermsForm(
        _form_data(values | changed | {"version": found.version, "words": words}),
        by=request.visitor,
        of=found,
    )
    if not form.is_valid():
        return _wrong(form.errors)
    try:
        row = writing.edit(found, by=request.visitor, version=sent.version, terms=form.terms(), words=words)
    except writing.Changed as race:
        return problem(409, "Somebody else changed it in the meantime.", current=_made(race.current))
    return _made(row)


@router.post(
    "/calls/{slug}/publish",
    response=MadeOut,
    auth=by_token,
    url_name="publish_call",
    summary="Publish a call",
)
@governed("E7", POST="P")
def publish(request: HttpRequest, slug: str) -> Any:
    """Show it to all. Doing it twice changes nothing; what is still missing is named with 422."""
    found = _visible(request, slug)
    require(may_publish(request.visitor, found))
    try:
        return _made(publishing.publish(found, by=request.visitor))
    except publishing.Lacking as wrong:
        return problem(
            422,
            "Something has to be said before everybody may read it.",
            errors=[{"field": name, "wrong": "missing"} for name in wrong.fields],
        )
