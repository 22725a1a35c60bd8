"""What can be done with a news item: draft, publish, correct in the open, translate, withdraw. Each deed stands in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.journal.once import once
from koinon.network.models import Organisation
from koinon.news.models import Item, ItemText
from koinon.news.models.items import AFTER_NOTICE
from koinon.news.permissions import may_change, may_correct, may_delete, may_draft, may_publish, may_withdraw
from koinon.places.models import Place
from koinon.search.changes import touch

TYPE = "news"
RESERVED = {"follow", "follows", "new", "mine", "letters", "feed", "item"}


@dataclass(frozen=True)
class Words:
    """What an item says and what it is about, as a form gives it."""

    title: str
    language: str
    lead: str = ""
    text: str = ""
    places: Sequence[Place] = ()
    topics: Sequence[str] = ()
    objectives: Sequence[str] = ()
    source: str = ""
    source_url: str = ""
    expires_on: date | None = None

    @property
    def columns(self) -> dict[str, Any]:
        names = ("title", "language", "lead", "text", "source", "source_url", "expires_on")
        return {name: getattr(self, name) for name in names} | {
            "topics": list(self.topics),
            "objectives": list(self.objectives),
        }


class Changed(Exception):
    """Somebody else changed it meanwhile; `current` is how it stands."""

    def __init__(self, current: Item) -> None:
        super().__init__()
        self.current = current


@transaction.atomic
def draft(words: Words, *, by: Visitor, organisation: Organisation, nonce: str = "") -> Item:
    """Begin an item of a body. Nobody else sees it. The same words sent twice from one form (`nonce`) are one item."""
    require(may_draft(by, organisation))
    key = (
        f"news.draft:{by.person_id}:{organisation.pk}:{nonce}:{words.title}\x1f{words.text}" if nonce else ""
    )
    made = once(key, "", lambda: {"pk": _draft(words, by, organisation).pk})
    return Item.objects.filter(pk=made["pk"]).first() or _draft(words, by, organisation)


def _draft(words: Words, by: Visitor, organisation: Organisation) -> Item:
    item = Item.objects.create(
        slug=_slug(words.title), organisation=organisation, author_id=by.person_id, **words.columns
    )
    item.places.set(words.places)
    journal.record("news.drafted", by=by, what=item, public=False)
    return item


def _slug(title: str) -> str:
    base = slugify(title)[:80].strip("-") or "news"
    number, slug = 1, base
    while slug in RESERVED or Item.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


@transaction.atomic
def change(item: Item, words: Words, *, by: Visitor, version: int) -> Item:
    """Write on a draft. Of two at once the second is told: `Changed`."""
    require(may_change(by, item))
    now = _write(item, words, version=version)
    journal.record("news.changed", by=by, what=now, public=False)
    return now


def _write(item: Item, said: Words, *, version: int, **more: Any) -> Item:
    done = Item.objects.filter(pk=item.pk, version=version, state=item.state).update(
        **said.columns, version=version + 1, changed_at=timezone.now(), **more
    )
    now = Item.objects.select_related("organisation").get(pk=item.pk)
    if not done:
        raise Changed(now)
    now.places.set(said.places)
    return now


@transaction.atomic
def publish(item: Item, *, by: Visitor, version: int) -> Item:
    """Show it to all, and to those who follow what it is about. Publishing twice is publishing once."""
    if item.state == Item.State.PUBLISHED:
        require(may_correct(by, item))
        return item
    require(may_publish(by, item))
    now = timezone.now()
    done = Item.objects.filter(pk=item.pk, version=version, state=Item.State.DRAFT).update(
        state=Item.State.PUBLISHED, published_at=now, changed_at=now, version=version + 1
    )
    row = Item.objects.get(pk=item.pk)
    if not done:
        raise Changed(row)
    journal.record("news.published", by=by, what=row)
    touch(TYPE, row.slug)
    return row


@transaction.atomic
def correct(item: Item, words: Words, *, by: Visitor, version: int, correction: str) -> Item:
    """Correct what is published. What was corrected is told on the page, and to those who follow; translations are outdated."""
    require(may_correct(by, item))
    told_anew = (item.title, item.lead, item.text) != (words.title, words.lead, words.text)
    now = _write(
        item,
        words,
        version=version,
        correction=correction,
        corrected_at=timezone.now(),
        words=item.words + int(told_anew),
    )
    journal.record("news.corrected", by=by, what=now, details={"correction": correction})
    touch(TYPE, now.slug)
    return now


class ToldOtherwise(Exception):
    """It is told in this language already, in other words than were read; `current` is how."""

    def __init__(self, current: ItemText) -> None:
        super().__init__()
        self.current = current


@transaction.atomic
def translate(
    item: Item,
    *,
    by: Visitor,
    language: str,
    title: str,
    lead: str,
    text: str,
    of: int,
    seen: str | None = None,
) -> ItemText:
    """Tell it in another language. `of`: the version of the original's words that was before one's eyes.

    `seen` is the mark of the translation that was read, empty for none; `ToldOtherwise` where another stands there now.
    """
    now = Item.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=item.pk)
    require(may_correct(by, now))
    row = now.texts.filter(language=language).first() or ItemText(item=now, language=language)
    before = row.mark if row.pk is not None else ""
    row.title, row.lead, row.text, row.of = title, lead, text, min(of, now.words)
    if before and seen is not None and before not in {seen, row.mark}:
        raise ToldOtherwise(now.texts.get(language=language))
    row.save()
    journal.record("news.translated", by=by, what=now, details={"language": language})
    touch(TYPE, now.slug)
    return row


@transaction.atomic
def withdraw(item: Item, *, by: Visitor, because: str) -> Item:
    """Take it off; its address says that it was withdrawn, and why. Twice changes nothing."""
    if item.state == Item.State.WITHDRAWN:
        return item
    require(may_withdraw(by, item))
    done = Item.objects.filter(pk=item.pk, state=Item.State.PUBLISHED).update(
        state=Item.State.WITHDRAWN, withdrawn_at=timezone.now(), withdrawn_because=because
    )
    row = Item.objects.get(pk=item.pk)
    if not done:
        return row
    journal.record("news.withdrawn", by=by, what=row, details={"because": because})
    touch(TYPE, row.slug)
    return row


@transaction.atomic
def delete(item: Item, *, by: Visitor) -> None:
    """Throw a draft away; never what somebody has published since. Twice changes nothing."""
    row = (
        Item.objects.select_for_update(of=("self",)).select_related("organisation").filter(pk=item.pk).first()
    )
    if row is None:
        return
    require(may_delete(by, row))
    journal.record("news.deleted", by=by, what=row, public=False)
    row.delete()


@transaction.atomic
def withdraw_after_notice(item: Item) -> None:
    """Decided upon a notice by who may decide on that; the statement of reasons is with the notice, and not for all to read."""
    done = Item.objects.filter(pk=item.pk, state=Item.State.PUBLISHED).update(
        state=Item.State.WITHDRAWN, withdrawn_at=timezone.now(), withdrawn_because=AFTER_NOTICE
    )
    if done:
        row = Item.objects.get(pk=item.pk)
        journal.record("news.withdrawn", by=None, what=row, details={"because": "notice"})
        touch(TYPE, row.slug)


@transaction.atomic
def restore_after_complaint(item: Item) -> None:
    """A complaint was right: it is public again. What its body has withdrawn by itself stays so."""
    taken = Item.objects.filter(pk=item.pk, state=Item.State.WITHDRAWN, withdrawn_because=AFTER_NOTICE)
    done = taken.update(state=Item.State.PUBLISHED, withdrawn_at=None, withdrawn_because="")
    if done:
        row = Item.objects.get(pk=item.pk)
        journal.record("news.restored", by=None, what=row)
        touch(TYPE, row.slug)
