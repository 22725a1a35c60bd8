"""Who is told what by mail. No address is in a mail to somebody else: a reply goes by the house into the thread.

Every mail of the talk carries the one-click stop; every one is queued in the transaction of the deed, under a key, so that
none goes twice.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from koinon.base.languages import in_language, without_language
from koinon.base.visitor import Visitor
from koinon.mail import actions as mail
from koinon.mail.addresses import reply_address
from koinon.mail.models import Outbox
from koinon.network.actions.roles import site
from koinon.network.models import Role
from koinon.people.models import Person
from koinon.spaces.models import Date, File, Invitation, Member, Post, Space, Thread
from koinon.spaces.models.spaces import OPENERS

POST_MAIL = "spaces/mail/post"
THING_MAIL = "spaces/mail/thing"
DAILY_MAIL = "spaces/mail/daily"
INVITED_MAIL = "spaces/mail/invited"
ABOUT_MAIL = "spaces/mail/about"
PROPOSAL_MAIL = "spaces/mail/proposal"
MAILS = {
    POST_MAIL: "N8",
    THING_MAIL: "N8",
    DAILY_MAIL: "N8",
    INVITED_MAIL: "N8",
    ABOUT_MAIL: "N8",
    PROPOSAL_MAIL: "N10",
}
_STOP = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{32})")


def nameless(language: str) -> str:
    """What somebody is called who chose no name."""
    with override(language):
        return _("A member")


def _page(path: str, person: Person) -> str:
    return site() + in_language(without_language(path), person.language)


def key_of(post: Post) -> str:
    """How the keys of the mails of a post begin."""
    return f"spaces:post:{post.pk}:"


def forget(space: int, post: Post) -> None:
    """The words of a post go from the mails that wait or are kept: its own mails are deleted, daily ones lose them."""
    mail.forget(key_of(post))
    for words in {post.text, *(text for _when, text, _title in post.before)} - {""}:
        mail.take_out(f"spaces:daily:{space}:", f"\n{words}\n", instead="\n…\n")


# Ways back: replies, and the stop.


def token_of(thing: Thread | Space, member: int) -> str:
    """The token of a reply address: which thread (or the space, for a new one), which member, and a proof."""
    kind = "thread" if isinstance(thing, Thread) else "space"
    made = salted_hmac(f"koinon.spaces.{kind}", f"{thing.code}:{member}", algorithm="sha256").hexdigest()
    return f"{thing.code}-{member}-{made[:20]}"


def address_for(thing: Thread | Space, member: Member) -> str | None:
    """Where a member writes into a thread, or begins one; None where the installation takes no mail."""
    return reply_address(token_of(thing, member.pk))


def stop_code(member: Member) -> str:
    """The code of the link that stops the mails of one membership."""
    known = f"{member.pk}:{member.space_id}:{member.person_id}"
    return f"{member.pk}-{salted_hmac('koinon.spaces.stop', known, algorithm='sha256').hexdigest()[:32]}"


def member_by(code: str) -> Member | None:
    """The membership whose stop link this is."""
    found = _STOP.fullmatch(code)
    member = Member.objects.select_related("space").filter(pk=int(found[1])).first() if found else None
    return member if member is not None and constant_time_compare(stop_code(member), code) else None


def _stop(member: Member) -> str:
    return _page(reverse("spaces:stop", args=[stop_code(member)]), member.person)


# What is said and set.


def _listening(space: Space, but: int | None) -> list[Member]:
    """Who wants each post as it comes, but for who wrote it."""
    rows = Member.objects.belonging().filter(space=space, mail=Member.Mail.EACH).exclude(person=but)
    return list(rows.select_related("person").order_by("pk"))


def tell_post(space: Space, thread: Thread, post: Post) -> None:
    """Members who want each post get its words; a reply to the mail goes into the thread."""
    members = _listening(space, post.person_id)
    first = thread.posts.order_by("step").values_list("pk", flat=True).first()
    begun = _first_mails(members, first) if first != post.pk else {}
    place = post.place() if members else ""
    for member in members:
        address = address_for(thread, member)
        mail.send(
            member.person.email,
            POST_MAIL,
            {
                "space": space,
                "thread": thread,
                "post": post,
                "page": _page(place, member.person),
                "stop": _stop(member),
                "by_mail": address is not None,
                "is_first": first == post.pk,
            },
            language=member.person.language,
            key=f"{key_of(post)}{member.pk}",
            reply_to=address,
            in_reply_to=begun.get(member.pk, ""),
            references=[begun[member.pk]] if member.pk in begun else (),
            stop=_stop(member),
            headers={"List-Id": f"<{space.code}.spaces.koinon>"},
            bulk=True,
        )


def _first_mails(members: Iterable[Member], first: int | None) -> dict[int, str]:
    """Member → the Message-ID of the mail that began the thread, as far as it is still kept, so that mails stay together."""
    keys = {f"spaces:post:{first}:{member.pk}": member.pk for member in members}
    rows = Outbox.objects.filter(key__in=keys).values_list("key", "message_id")
    return {keys[key]: message for key, message in rows if key is not None}


def tell_files(space: Space, files: Sequence[File]) -> None:
    """The same for files: their names and where they are, never the files."""
    _tell_thing(
        space,
        files[0].person_id,
        f"files:{files[0].pk}",
        files=files,
        path=space.get_absolute_url() + "#files",
    )


def tell_date(space: Space, date: Date, what: str) -> None:
    """The same for a date: set, moved, cancelled."""
    _tell_thing(
        space, None, f"date:{date.pk}:{date.edits}:{what}", date=date, what=what, path=date.get_absolute_url()
    )


def _tell_thing(space: Space, but: int | None, key: str, *, path: str, **told: Any) -> None:
    for member in _listening(space, but):
        address = address_for(space, member)
        context: dict[str, Any] = {
            "space": space,
            "page": _page(path, member.person),
            "stop": _stop(member),
            "address": address,
        }
        mail.send(
            member.person.email,
            THING_MAIL,
            context | told,
            language=member.person.language,
            key=f"spaces:{key}:{member.pk}",
            reply_to=address,
            stop=_stop(member),
            headers={"List-Id": f"<{space.code}.spaces.koinon>"},
            bulk=True,
        )


def tell_daily(
    space: Space,
    member: Member,
    posts: Sequence[Post],
    files: Sequence[File],
    dates: Sequence[Date],
    *,
    more: bool,
) -> None:
    """What is new in one mail, by thread, each with the address that a reply goes to."""
    grouped: dict[int, list[Post]] = defaultdict(list)
    threads: dict[int, Thread] = {}
    for post in posts:
        post.thread.space = space
        threads[post.thread_id] = post.thread
        grouped[post.thread_id].append(post)
    talk: list[dict[str, Any]] = [
        {
            "thread": thread,
            "posts": grouped[pk],
            "page": _page(thread.get_absolute_url(), member.person),
            "address": None if thread.closed_at else address_for(thread, member),
        }
        for pk, thread in threads.items()
    ]
    # A reply to a mail with one thread goes there; else it begins a new one, and the mail says so.
    whole: str | None = talk[0]["address"] if len(talk) == 1 else address_for(space, member)
    mail.send(
        member.person.email,
        DAILY_MAIL,
        {
            "space": space,
            "talk": talk,
            "files": files,
            "dates": dates,
            "more": more,
            "one": len(talk) == 1 and whole is not None,
            "new": whole is not None and len(talk) != 1,
            "page": _page(space.get_absolute_url(), member.person),
            "stop": _stop(member),
        },
        language=member.person.language,
        key=f"spaces:daily:{space.pk}:{member.pk}:{space.steps}",
        reply_to=whole,
        stop=_stop(member),
        headers={"List-Id": f"<{space.code}.spaces.koinon>"},
        bulk=True,
    )


# What is decided.


def _about(
    space: Space, member: Member, what: str, key: str, *, path: str = "", name: str = "", bulk: bool = False
) -> None:
    mail.send(
        member.person.email,
        ABOUT_MAIL,
        {
            "space": space,
            "member": member,
            "what": what,
            "called": name,
            "page": _page(path or space.get_absolute_url(), member.person),
        },
        language=member.person.language,
        key=f"spaces:{what}:{key}",
        bulk=bulk,
    )


def _hosts(space: Space) -> list[Member]:
    return list(Member.objects.hosts().filter(space=space).select_related("person").order_by("pk"))


def tell_asked(space: Space, asking: Member) -> None:
    """The hosts: somebody would like to come in."""
    path = reverse("spaces:members", args=[space.code])
    for host in _hosts(space):
        key = f"{asking.pk}:{host.pk}:{asking.joined_at.isoformat()}"
        _about(space, host, "asked", key, path=path, name=asking.name)


def tell_admitted(space: Space, member: Member) -> None:
    _about(space, member, "admitted", f"{member.pk}:{member.joined_at.isoformat()}")


def tell_refused(space: Space, member: Member) -> None:
    """With what the hosts said, and from when on one may ask again. Without a link: it would lead to nothing."""
    key = f"{member.pk}:{member.joined_at.isoformat()}"
    _about(space, member, "refused", key, path=reverse("spaces:list"))


def tell_shown_out(space: Space, member: Member) -> None:
    """Who is shown out reads why, and where to complain."""
    _about(
        space,
        member,
        "shown_out",
        f"{member.pk}:{space.steps}:{member.joined_at.isoformat()}",
        path=reverse("notices:new"),
    )


def tell_title(space: Space, thread: Thread, what: str, by: Visitor) -> None:
    """Who began the thread, with the title and the reason: it was taken off (`title_off`), or put back (`title_back`).

    Also who belongs to the space no longer; to such a one no closed space is opened by the link. Nobody is told of one's own deed.
    """
    first = thread.posts.select_related("person").oldest_first().first()
    person = first.person if first is not None else None
    if person is None or not person.is_active or person.pk == by.person_id or thread.title_removed_at is None:
        return
    reads = not space.is_closed or Member.objects.belonging().filter(space=space, person=person).exists()
    mail.send(
        person.email,
        ABOUT_MAIL,
        {
            "space": space,
            "thread": thread,
            "what": what,
            "page": _page(thread.get_absolute_url(), person) if reads else "",
            "complain": _page(reverse("notices:new"), person),
        },
        language=person.language,
        key=f"spaces:{what}:{thread.pk}:{thread.title_removed_at.isoformat()}",
    )


def tell_host(space: Space, member: Member) -> None:
    key = f"{member.pk}:{timezone.now().isoformat()}"
    _about(space, member, "host", key, path=reverse("spaces:members", args=[space.code]))


def tell_ended(space: Space, by: Visitor | None) -> None:
    but = by.person_id if by is not None else None
    rows = Member.objects.belonging().filter(space=space).exclude(person=but).select_related("person")
    for member in rows.order_by("pk"):
        _about(space, member, "ended", str(member.pk), bulk=True)


def tell_invited(space: Space, invitation: Invitation, code: str, words: str, *, called: str) -> None:
    """The one mail that holds the link. In the language of the space, for of who is invited nothing is known."""
    path = in_language(reverse("spaces:invitation", args=[code]), space.language)
    mail.send(
        invitation.email,
        INVITED_MAIL,
        {"space": space, "words": words, "called": called, "page": site() + path},
        language=space.language,
        key=f"spaces:invited:{invitation.pk}",
    )


def _managers(space: Space, but: Visitor) -> list[Person]:
    kinds = {*OPENERS, Role.Kind.LEAD}
    rows = Role.objects.today().filter(
        organisation=space.organisation, kind__in=kinds, person__is_active=True
    )
    found = rows.exclude(person=but.person_id).select_related("person").order_by("pk")
    return list({role.person_id: role.person for role in found}.values())


def tell_proposed(space: Space, by: Visitor) -> None:
    """The managers of the body: a space waits for their yes."""
    for person in _managers(space, by):
        _proposal(space, person, "proposed")


def tell_opened(space: Space, by: Visitor) -> None:
    """Whoever proposed it."""
    _tell_proposer(space, by, "opened")


def tell_dropped(space: Space, by: Visitor) -> None:
    _tell_proposer(space, by, "dropped")


def _tell_proposer(space: Space, by: Visitor, what: str) -> None:
    person = space.proposed_by
    if person is not None and person.is_active and person.pk != by.person_id:
        _proposal(space, person, what)


def _proposal(space: Space, person: Person, what: str) -> None:
    mail.send(
        person.email,
        PROPOSAL_MAIL,
        {"space": space, "what": what, "page": _page(space.get_absolute_url(), person)},
        language=person.language,
        key=f"spaces:{what}:{space.pk}:{person.pk}",
    )
