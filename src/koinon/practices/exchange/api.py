"""Practices from a file over the API: looked at first, or taken in, with a token."""

import hashlib
from typing import Any

from django.http import HttpResponse
from ninja import Field, File, Query, Router, Schema
from ninja.errors import HttpError
from ninja.files import UploadedFile

from koinon.base.governance import governed
from koinon.base.languages import ENDONYMS
from koinon.base.problems import problem
from koinon.base.text import visible
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.network.api_auth import by_token
from koinon.network.models import Organisation
from koinon.practices.api_keys import KEY_HEADER, key_of
from koinon.practices.exchange import actions, tables
from koinon.practices.exchange.checking import Plan
from koinon.practices.exchange.columns import guess
from koinon.practices.exchange.permissions import may_import, may_try

router = Router(tags=["practices"])
MOST_WRONG = 200


class Wanted(Schema, extra="forbid"):
    """For whom the rows are, and whether they are only looked at, which they are unless `dry_run=false`."""

    organisation: str = Field(max_length=200, description="slug of the body whose drafts the rows become")
    language: str = Field("en", max_length=2, description="of rows that name none")
    dry_run: bool = True


class WrongOut(Schema):
    row: int
    heading: str
    what: str


class ImportOut(Schema):
    """`columns`: under which heading of the file each of ours was found. With `wrong`, nothing was taken in."""

    taken_in: bool
    new: int
    changed: int
    unchanged: int
    wrong_rows: int
    wrong: list[WrongOut]
    columns: dict[str, str]
    sha256: str
    url: str | None


@router.post(
    "/practices/import",
    response=ImportOut,
    auth=by_token,
    url_name="import_practices",
    summary="Take in practices from a file",
    openapi_extra=KEY_HEADER,
)
@governed("H6", POST="C")
def import_practices(
    request: HttpRequest,
    wanted: Query[Wanted],
    file: File[UploadedFile],
) -> Any:
    """CSV, XLSX or JSON of at most 10 MB and 5000 rows: all rows become drafts of the organisation, or none does."""
    found = Organisation.objects.seen_by(request.visitor).filter(slug=visible(wanted.organisation)).first()
    if found is None:
        raise HttpError(422, "There is no body with this slug.")
    require(may_try(request.visitor, found) if wanted.dry_run else may_import(request.visitor, found))
    if wanted.language not in ENDONYMS:
        raise HttpError(422, "language is one of the 24 official languages.")
    if (file.size or 0) > tables.MOST_BYTES:
        return problem(413, "The file is larger than 10 MB. Send it in parts.")
    content = file.read()
    try:
        if wanted.dry_run:
            table, plan = actions.try_file(
                content, by=request.visitor, organisation=found, language=wanted.language
            )
            return _said(content, table, plan)
        return _take(request, content, found, wanted, visible(file.name or ""))
    except tables.Refused as wrong:
        return problem(422, str(wrong))
    except actions.StillWrong as wrong:
        return problem(422, "Rows are wrong; nothing was taken in.", errors=_wrong(wrong.plan))
    except actions.NotAsItWas:
        return problem(409, "Somebody saved one of the drafts at this moment; nothing was taken in.")


def _take(
    request: HttpRequest, content: bytes, organisation: Organisation, wanted: Wanted, name: str
) -> dict[str, Any] | HttpResponse:
    def act() -> dict[str, Any]:
        table, run, plan = actions.take_file(
            content, by=request.visitor, organisation=organisation, name=name, language=wanted.language
        )
        return _said(content, table, plan) | {"taken_in": True, "url": run.get_absolute_url()}

    key = key_of(request)
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    body = f"{wanted.model_dump_json()}:{hashlib.sha256(content).hexdigest()}"
    try:
        return once(mark, body, act)
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None


def _said(content: bytes, table: tables.Table, plan: Plan) -> dict[str, Any]:
    counts = plan.counts
    return {
        "taken_in": False,
        "new": counts["new"],
        "changed": counts["changed"],
        "unchanged": counts["unchanged"],
        "wrong_rows": counts["wrong"],
        "wrong": _wrong(plan),
        "columns": {name: table.headers[at] for name, at in guess(table.headers).items()},
        "sha256": hashlib.sha256(content).hexdigest(),
        "url": None,
    }


def _wrong(plan: Plan) -> list[dict[str, Any]]:
    return [{"row": one.row, "heading": one.heading, "what": one.what} for one in plan.wrong[:MOST_WRONG]]
