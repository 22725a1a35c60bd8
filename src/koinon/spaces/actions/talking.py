"""Talking: beginning a thread, writing in it, changing and withdrawing one's own words, closing it."""

from django.db import transaction
from django.utils import timezone

from koinon.base.guessing import guess_language
from koinon.base.visitor import Visitor, require
from koinon.spaces import telling
from koinon.spaces.actions.known import lock, next_step, record
from koinon.spaces.actions.pacing import pace
from koinon.spaces.models import Member, Post, Space, Thread
from koinon.spaces.nonces import mark
from koinon.spaces.permissions import may_change_post, may_moderate, may_withdraw_post, may_write

LONGEST = 8000


class ThreadClosed(Exception):
    """A host has closed the thread: nothing is added any more."""


class TooLate(Exception):
    """A day has gone by, or it was changed often enough: these words are not changed any more, only withdrawn."""


class Changed(Exception):
    """It was saved elsewhere meanwhile. `current` is what stands there now."""

    def __init__(self, current: Post) -> None:
        self.current = current
        super().__init__("changed meanwhile")


@transaction.atomic
def begin(
    space: Space,
    *,
    by: Visitor,
    title: str,
    text: str,
    language: str,
    nonce: str = "",
    by_mail: bool = False,
    left_out: int = 0,
) -> Thread:
    """Begin a thread with its first post; `TooFast`. `language` is the page's, a hint for the guess. Sent twice it is one thread."""
    now = lock(space)
    require(may_write(by, now), hidden=now.is_closed)
    sent = mark(by, nonce, title, text)
    if sent and (before := now.threads.filter(nonce=sent).first()) is not None:
        return before
    pace(by)
    guessed, _sure = guess_language(f"{title}\n{text}", hint=language)
    thread = Thread.objects.create(space=now, title=title, language=guessed, nonce=sent)
    _add(now, thread, by=by, text=text, language=language, sent=sent, by_mail=by_mail, left_out=left_out)
    record("thread_begun", now, by=by, what=thread, shows=True)
    return thread


@transaction.atomic
def write(
    thread: Thread,
    *,
    by: Visitor,
    text: str,
    language: str,
    nonce: str = "",
    by_mail: bool = False,
    left_out: int = 0,
) -> Post:
    """Write in a thread; members hear of it as they chose; `TooFast`. The same text sent twice from one form is one post."""
    space = lock(thread.space)
    require(may_write(by, space), hidden=space.is_closed)
    now = Thread.objects.select_for_update().get(pk=thread.pk, space=space)
    sent = mark(by, nonce, text)
    if sent and (before := now.posts.filter(nonce=sent).first()) is not None:
        return before
    if now.closed_at is not None:
        raise ThreadClosed
    pace(by)
    return _add(
        space, now, by=by, text=text, language=language, sent=sent, by_mail=by_mail, left_out=left_out
    )


def _add(
    space: Space,
    thread: Thread,
    *,
    by: Visitor,
    text: str,
    language: str,
    sent: str,
    by_mail: bool,
    left_out: int,
) -> Post:
    mine = Member.objects.get(space=space, person=by.person_id)
    guessed, sure = guess_language(text, hint=language)
    post = Post.objects.create(
        thread=thread,
        person_id=by.person_id,
        name=mine.name,
        language=guessed,
        language_sure=sure,
        text=text,
        step=next_step(space),
        by_mail=by_mail,
        left_out=left_out,
        nonce=sent,
    )
    thread.last_at = post.at
    thread.save(update_fields=["last_at"])
    telling.tell_post(space, thread, post)
    record("post_written", space, by=by, what=post)
    return post


def _locked(post: Post) -> tuple[Space, Post]:
    space = lock(post.thread.space)
    now = Post.objects.select_for_update(of=("self",)).select_related("thread").get(pk=post.pk)
    now.thread.space = space
    return space, now


@transaction.atomic
def change(
    post: Post, *, by: Visitor, edits: int, text: str, language: str, title: str | None = None
) -> Post:
    """Change one's own words within a day, or correct the language at any time. What stood before stays to be read.

    `title`: with the post that began the thread, its title, unless that was taken off.
    """
    space, now = _locked(post)
    require(may_change_post(by, now), hidden=space.is_closed)
    if not now.stands:
        raise TooLate
    if now.edits != edits:
        raise Changed(now)
    thread = now.thread
    title = thread.title if title is None else title
    retitled = title != thread.title
    if text != now.text or retitled:
        if not now.words_can_change or (retitled and not now.title_can_change()):
            raise TooLate
        stood = [(now.changed_at or now.at).isoformat(), now.text]
        now.earlier = [*now.earlier, [*stood, thread.title] if retitled else stood]
        now.text, now.changed_at = text, timezone.now()
    if retitled:
        thread.title = title
        thread.save(update_fields=["title"])
    now.language, now.language_sure = language, True
    now.edits += 1
    now.save()
    record("post_changed", space, by=by, what=now, shows=retitled)
    return now


@transaction.atomic
def withdraw(post: Post, *, by: Visitor) -> Post:
    """Take one's own words back: a stone stays, without them. What was mailed cannot be called back. Twice changes nothing."""
    space, now = _locked(post)
    require(may_withdraw_post(by, now), hidden=space.is_closed)
    if now.withdrawn_at is None:
        telling.forget(space.pk, now)
        now.withdrawn_at, now.text, now.earlier = timezone.now(), "", []
        now.save(update_fields=["withdrawn_at", "text", "earlier"])
        record("post_withdrawn", space, by=by, what=now, shows=True)
    return now


@transaction.atomic
def close(thread: Thread, *, by: Visitor, because: str) -> Thread:
    """A host closes a thread, and the reason stands there. Twice changes nothing."""
    space = lock(thread.space)
    require(may_moderate(by, space), hidden=space.is_closed)
    now = Thread.objects.select_for_update().get(pk=thread.pk)
    if now.closed_at is None:
        now.closed_at, now.closed_because = timezone.now(), because
        now.save(update_fields=["closed_at", "closed_because"])
        record("thread_closed", space, by=by, what=now)
    return now


@transaction.atomic
def reopen(thread: Thread, *, by: Visitor) -> Thread:
    """A host opens it again. Twice changes nothing."""
    space = lock(thread.space)
    require(may_moderate(by, space), hidden=space.is_closed)
    now = Thread.objects.select_for_update().get(pk=thread.pk)
    if now.closed_at is not None:
        now.closed_at, now.closed_because = None, ""
        now.save(update_fields=["closed_at", "closed_because"])
        record("thread_reopened", space, by=by, what=now)
    return now


@transaction.atomic
def take_title_off(thread: Thread, *, by: Visitor, because: str) -> Thread:
    """Who moderates takes a title off, with a reason that its author is told; the words under it stay. Twice changes nothing."""
    space = lock(thread.space)
    require(may_moderate(by, space), hidden=space.is_closed)
    now = Thread.objects.select_for_update().get(pk=thread.pk)
    if now.title_removed_at is None:
        now.title_removed_at, now.title_removed_because = timezone.now(), because
        now.save(update_fields=["title_removed_at", "title_removed_because"])
        telling.tell_title(space, now, "title_off", by)
        record("title_taken_off", space, by=by, what=now, shows=True)
    return now


@transaction.atomic
def give_title_back(thread: Thread, *, by: Visitor) -> Thread:
    """Who moderates puts it back, and its author is told; not one that went with words that were taken off after a notice. Twice
    changes nothing."""
    space = lock(thread.space)
    require(may_moderate(by, space), hidden=space.is_closed)
    now = Thread.objects.select_for_update().get(pk=thread.pk)
    if now.title_removed_at is not None and not now.posts.filter(removed_at=now.title_removed_at).exists():
        telling.tell_title(space, now, "title_back", by)
        now.title_removed_at, now.title_removed_because = None, ""
        now.save(update_fields=["title_removed_at", "title_removed_because"])
        record("title_given_back", space, by=by, what=now, shows=True)
    return now


@transaction.atomic
def remove_after_notice(post: Post) -> None:
    """Decided upon a notice: a stone stays, and says so; a title that was said with it goes with it.

    Whether that person may decide, `notices` has asked.
    """
    space, now = _locked(post)
    if now.removed_at is None:
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        if now.is_first():
            # By the same moment it is known again, should the words be put back.
            standing = Thread.objects.filter(pk=now.thread_id, title_removed_at__isnull=True)
            if standing.update(title_removed_at=now.removed_at):
                record("title_taken_off", space, by=None, what=now.thread, shows=True)
        record("post_removed", space, by=None, what=now, shows=True)
        telling.forget(space.pk, now)


@transaction.atomic
def restore_after_complaint(post: Post) -> None:
    space, now = _locked(post)
    if now.removed_at is not None:
        same = Thread.objects.filter(pk=now.thread_id, title_removed_at=now.removed_at)
        if same.update(title_removed_at=None):
            record("title_given_back", space, by=None, what=now.thread, shows=True)
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        record("post_restored", space, by=None, what=now, shows=True)
