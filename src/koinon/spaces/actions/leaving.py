"""Letting go of who closes the account: its words and files go, its name too; what others said stays theirs."""

from django.db import transaction
from django.utils import timezone

from koinon.people.models import Person
from koinon.spaces import telling
from koinon.spaces.actions.keeping import finish
from koinon.spaces.actions.known import lock, record
from koinon.spaces.models import Date, File, Invitation, Member, Post, Space, Thread


@transaction.atomic
def let_go(person: Person) -> None:
    """Where the person said something, a stone stays without words or name. Where it was the last host, the next one is."""
    mine = Post.objects.filter(person=person)
    touched = Space.objects.filter(pk__in=mine.values("thread__space")) | Space.objects.filter(
        pk__in=Member.objects.filter(person=person).values("space")
    )
    # In one order for all, so that two who go at once do not wait for each other.
    spaces = [lock(space) for space in touched.distinct().order_by("pk")]
    for post in mine.select_related("thread"):
        telling.forget(post.thread.space_id, post)
    threads = set(mine.values_list("thread", flat=True))
    mine.update(text="", earlier=[], name="", person=None, withdrawn_at=timezone.now())
    # A thread that nobody else wrote in goes whole, since its title was the person's too.
    Thread.objects.filter(pk__in=threads).exclude(posts__withdrawn_at__isnull=True).delete()
    File.objects.filter(person=person).delete()
    Date.objects.filter(person=person).update(person=None, by_name="")
    Invitation.objects.filter(email=person.email.lower()).delete()
    Space.objects.filter(proposed_by=person).update(proposed_by=None)
    Member.objects.filter(person=person).delete()
    for space in spaces:
        _hand_over(space)
        record("let_go", space, by=None, shows=True)


def _hand_over(space: Space) -> None:
    if not space.is_running or Member.objects.hosts().filter(space=space).exists():
        return
    if _follow(space) is None and not Member.objects.filter(space=space, state=Member.State.MEMBER).exists():
        finish(space, by=None, because="")


def _follow(locked: Space) -> Member | None:
    """Who has belonged to it longest looks after it from now on, and is told. None: nobody is there who could."""
    rows = Member.objects.belonging().filter(space=locked).select_related("person")
    following = rows.order_by("joined_at", "pk").first()
    if following is not None:
        following.is_host = True
        following.save(update_fields=["is_host"])
        telling.tell_host(locked, following)
    return following


def fill_in() -> int:
    """For the clock: where all hosts are locked out of the house, who has belonged longest looks after the space beside them.

    Rank gives nothing here either: in a closed space nobody outside may read, and of an open one the manager of its body and the
    coordinator moderate all the same. Who is unlocked is host again. Where nobody else belongs to it, it waits. Returns how many.
    """
    hosted = Member.objects.hosts().values("space")
    waiting = Space.objects.stands().running().exclude(pk__in=hosted)
    waiting = waiting.filter(pk__in=Member.objects.belonging().values("space"))
    return sum(_fill_in(space) for space in list(waiting.order_by("pk")[:100]))


@transaction.atomic
def _fill_in(space: Space) -> int:
    now = lock(space)
    if not now.is_running or Member.objects.hosts().filter(space=now).exists():
        return 0
    following = _follow(now)
    if following is not None:
        record("host_followed", now, by=None, what=following)
    return int(following is not None)
