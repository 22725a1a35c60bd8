"""Taking a file in: looked at first, then all or nothing, and undone while nobody has changed anything of it."""

import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.practices.actions.writing import TAKEN
from koinon.practices.content import Content, fill, kept, unkept, write
from koinon.practices.exchange import columns, export, tables
from koinon.practices.exchange.checking import Plan, Row, check, origin_of
from koinon.practices.exchange.permissions import may_import, may_look, may_try
from koinon.practices.life import State
from koinon.practices.models import Import, ImportedRow, Picture, Practice, Version

A_BATCH = 1000
MOST_WAITING = 5


class NotAsItWas(Exception):
    """Somebody has changed what came in since. `rows`: the numbers of some of the rows; none where some of it is gone."""

    def __init__(self, rows: list[int]) -> None:
        self.rows = rows
        super().__init__(", ".join(map(str, rows)))


class StillWrong(Exception):
    """Rows are wrong, so that nothing was taken in."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("rows are wrong")


def begin(content: bytes, *, by: Visitor, organisation: Organisation, name: str, language: str) -> Import:
    """Keep a file to be looked at. The same file of the same person that waits already is the same import."""
    require(may_try(by, organisation))
    table = tables.read(content)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
        mine = Import.objects.filter(by=by.person_id, state=Import.State.LOOKED_AT)
        before = mine.filter(organisation=organisation, digest=digest).first()
        if before is not None:
            return before
        run = Import.objects.create(
            by_id=by.person_id,
            organisation=organisation,
            name=name[:120],
            digest=digest,
            content=content,
            mapping=columns.guess(table.headers),
            language=language,
        )
        # Files that were looked at and left are not kept for ever.
        old = list(mine.order_by("-pk").values_list("pk", flat=True)[MOST_WAITING:])
        Import.objects.filter(pk__in=old).delete()
    return run


def plan_of(run: Import, *, by: Visitor) -> tuple[tables.Table, Plan]:
    """The file of an import as a table, and what would come of it now."""
    table = tables.read(bytes(run.content))
    return table, check(table, run.mapping, by=by, organisation=run.organisation, language=run.language)


@transaction.atomic
def arrange(run: Import, *, by: Visitor, mapping: dict[str, int], language: str) -> Import:
    """Say which heading means which column."""
    now = _lock(run)
    require(may_look(by, now))
    if now.state == Import.State.LOOKED_AT:
        now.mapping, now.language = mapping, language
        now.save(update_fields=["mapping", "language"])
    return now


def _lock(run: Import) -> Import:
    """The import as it stands; its organisation first, so that no two files come into one organisation at once."""
    organisation = Organisation.objects.select_for_update().get(pk=run.organisation_id)
    now = Import.objects.select_for_update().get(pk=run.pk)
    now.organisation = organisation
    return now


@transaction.atomic
def take_in(run: Import, *, by: Visitor) -> Import:
    """Make drafts of all rows, or of none; they are the organisation's. Twice changes nothing."""
    now = _lock(run)
    require(may_look(by, now) and may_import(by, now.organisation))
    if now.state != Import.State.LOOKED_AT:
        return now
    _table, plan = plan_of(now, by=by)
    if plan.wrong:
        raise StillWrong(plan)
    _keep(now, plan, by)
    return now


def try_file(
    content: bytes, *, by: Visitor, organisation: Organisation, language: str
) -> tuple[tables.Table, Plan]:
    """What would come of a file under the headings that are guessed, for programs: nothing is kept."""
    require(may_try(by, organisation))
    table = tables.read(content)
    mapping = columns.guess(table.headers)
    return table, check(table, mapping, by=by, organisation=organisation, language=language)


@transaction.atomic
def take_file(
    content: bytes, *, by: Visitor, organisation: Organisation, name: str, language: str
) -> tuple[tables.Table, Import, Plan]:
    """The same, and all rows become drafts; `StillWrong` where one is wrong."""
    require(may_import(by, organisation))
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    table, plan = try_file(content, by=by, organisation=organisation, language=language)
    if plan.wrong:
        raise StillWrong(plan)
    run = Import.objects.create(
        by_id=by.person_id,
        organisation=organisation,
        name=name[:120],
        digest=hashlib.sha256(content).hexdigest(),
        mapping=columns.guess(table.headers),
        language=language,
    )
    _keep(run, plan, by)
    return table, run, plan


@transaction.atomic
def take_out(organisation: Organisation, *, by: Visitor) -> list[export.Told]:
    """All of an organisation's practices that `by` may read, for a file; who took them out is recorded."""
    found = export.of_organisation(organisation, by)
    journal.record(
        "practice.exported", by=by, what=organisation, details={"practices": len(found)}, public=False
    )
    return found


def _keep(run: Import, plan: Plan, by: Visitor) -> None:
    new, changed = plan.of("new"), plan.of("changed")
    for at in range(0, len(new), A_BATCH):
        _make(run, new[at : at + A_BATCH], by)
    for row in changed:
        _change(run, row, by)
    run.state, run.done_at, run.content = Import.State.DONE, timezone.now(), b""
    run.new, run.changed, run.unchanged = len(new), len(changed), len(plan.of("unchanged"))
    run.save()
    journal.record(
        "practice.imported",
        by=by,
        what=run,
        details={"digest": run.digest, "new": run.new, "changed": run.changed},
        public=False,
    )


def _make(run: Import, rows: list[Row], by: Visitor) -> None:
    practices = Practice.objects.bulk_create(
        Practice(
            slug=slug,
            organisation=run.organisation,
            origin=origin_of(run.organisation, row.key),
        )
        for slug, row in zip(_slugs(rows), rows, strict=True)
    )
    versions = Version.objects.bulk_create(
        _version(practice, row.content) for practice, row in zip(practices, rows, strict=True)
    )
    Version.places.through.objects.bulk_create(
        Version.places.through(version_id=version.pk, place_id=place.pk)
        for version, row in zip(versions, rows, strict=True)
        for place in row.content.places
    )
    if by.person_id is not None:
        Version.writers.through.objects.bulk_create(
            Version.writers.through(version_id=version.pk, person_id=by.person_id) for version in versions
        )
    ImportedRow.objects.bulk_create(
        ImportedRow(of=run, practice=practice, number=row.number, is_new=True, edits=1)
        for practice, row in zip(practices, rows, strict=True)
    )


def _version(practice: Practice, content: Content) -> Version:
    version = Version(practice=practice, number=1)
    fill(version, content)
    return version


def _slugs(rows: list[Row]) -> list[str]:
    plain = [slugify(row.content.title)[:80].strip("-") for row in rows]
    used = set(Practice.objects.filter(slug__in=plain).values_list("slug", flat=True)) | TAKEN
    found = []
    for slug in plain:
        if not slug or slug.isdigit() or slug in used:
            slug = f"{slug or 'practice'}-{secrets.token_hex(4)}"
        used.add(slug)
        found.append(slug)
    return found


def _change(run: Import, row: Row, by: Visitor) -> None:
    """A draft says what the file says; what it said is kept for undoing."""
    assert row.known is not None
    version = Version.objects.select_for_update().get(pk=row.known.version.pk)
    if version.edits != row.known.version.edits or version.state != row.known.version.state:
        # Somebody saved between the look and the lock.
        raise NotAsItWas([row.number])
    before = kept(row.known.content)
    version.edits += 1
    version.changed_at = timezone.now()
    write(version, row.content)
    if by.person_id is not None:
        version.writers.add(by.person_id)
    ImportedRow.objects.create(
        of=run,
        practice_id=version.practice_id,
        number=row.number,
        is_new=False,
        edits=version.edits,
        before=before,
    )


@transaction.atomic
def undo(run: Import, *, by: Visitor) -> Import:
    """Take back all that came in, as long as nobody has changed any of it since; else nothing. Twice changes nothing."""
    now = _lock(run)
    require(may_look(by, now) and may_import(by, now.organisation))
    if now.state != Import.State.DONE:
        return now
    rows = list(now.rows.select_related("practice"))
    latest: dict[int, Version] = {}
    for at in range(0, len(rows), 500):
        part = [row.practice_id for row in rows[at : at + 500]]
        # Locked practices first, as everybody who writes does.
        list(Practice.objects.select_for_update().filter(pk__in=part).order_by("pk").values_list("pk"))
        for version in Version.objects.select_for_update().filter(practice__in=part).order_by("number"):
            latest[version.practice_id] = version
    new = [row.practice_id for row in rows if row.is_new]
    pictured = {pk for at in range(0, len(new), 500) for pk in _pictured(new[at : at + 500])}
    moved = [
        row for row in rows if row.practice_id in pictured or not _as_it_was(row, latest[row.practice_id])
    ]
    gone = now.new + now.changed - len(rows)
    if moved or gone:
        raise NotAsItWas([row.number for row in moved[:5]])
    for row in rows:
        if not row.is_new:
            _put_back(latest[row.practice_id], row.before)
    for at in range(0, len(new), 500):
        Practice.objects.filter(pk__in=new[at : at + 500]).delete()
    now.rows.all().delete()
    now.state, now.undone_at = Import.State.UNDONE, timezone.now()
    now.save(update_fields=["state", "undone_at"])
    journal.record("practice.import_undone", by=by, what=now, public=False)
    return now


def _pictured(practices: list[int]) -> set[int]:
    return set(Picture.objects.filter(practice__in=practices).values_list("practice", flat=True))


def _as_it_was(row: ImportedRow, version: Version) -> bool:
    written_on = {State.DRAFT} if row.is_new else {State.DRAFT, State.CHANGES}
    return version.edits == row.edits and version.state in written_on


def _put_back(version: Version, before: dict[str, Any]) -> None:
    version.edits += 1
    write(version, unkept(before))
