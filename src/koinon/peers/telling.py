"""Who is told what by mail. An address is never in a mail to somebody else: a reply goes through the house."""

from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from koinon.base.languages import in_language, without_language
from koinon.mail import actions as mail
from koinon.mail.addresses import reply_address
from koinon.network.actions.roles import site
from koinon.network.models import Organisation, Role
from koinon.peers.models import Entry, Exchange, Match, Message, Profile
from koinon.peers.models.entries import SEEKERS, STAFF
from koinon.peers.models.matches import SIDES, other
from koinon.peers.words import Kind
from koinon.people.models import Person

ASKED_MAIL = "peers/mail/asked"
INTRODUCED_MAIL = "peers/mail/introduced"
MESSAGE_MAIL = "peers/mail/message"
EXCHANGE_MAIL = "peers/mail/exchange"
OVER_MAIL = "peers/mail/over"
TAKEN_DOWN_MAIL = "peers/mail/taken_down"
MAILS = {
    ASKED_MAIL: "E2",
    INTRODUCED_MAIL: "E2",
    MESSAGE_MAIL: "E2",
    EXCHANGE_MAIL: "E2",
    OVER_MAIL: "E1a",
    TAKEN_DOWN_MAIL: "E1a",
}


def people_behind(entry: Entry) -> list[Person]:
    """Who speaks for an entry today and is here."""
    if entry.organisation_id is None:
        return [entry.person] if entry.person is not None and entry.person.is_active else []
    kinds = SEEKERS if entry.kind == Kind.PARTNERS else STAFF
    return staff_of(entry.organisation_id, kinds)


def staff_of(organisation: int, kinds: frozenset[str]) -> list[Person]:
    """Who holds one of these roles in a body today and is here."""
    rows = Role.objects.today().filter(organisation=organisation, kind__in=kinds, person__is_active=True)
    found = rows.select_related("person").order_by("pk")
    return list({role.person_id: role.person for role in found}.values())


def name_of(entry: Entry) -> str:
    """What a side is called to the other: the body, or what the person chose to be called; never an address."""
    return name_of_side(entry.organisation, entry.person)


def name_of_side(organisation: Organisation | None, person: Person | None) -> str:
    if organisation is not None:
        return organisation.name
    if person is not None and not person.erased and person.name:
        return person.name
    return _("a member of the network")


def page_for(path: str, person: Person) -> str:
    """The whole address of a page, in a person's language."""
    return site() + in_language(without_language(path), person.language)


def tell_asked(match: Match, side: str) -> None:
    """The other side: somebody would like to talk."""
    own, there = match.entry(other(side)), match.entry(side)
    at = match.answered_at(side)
    for person in people_behind(own):
        page = reverse("peers:pair", args=[own.code, there.code])
        mail.send(
            person.email,
            ASKED_MAIL,
            {"own": own, "there": there, "page": page_for(page, person), "until": match.asked_until(side)},
            language=person.language,
            key=f"peers:asked:{match.pk}:{person.pk}:{at.isoformat() if at else ''}",
        )


def tell_introduced(match: Match) -> None:
    """Both sides: you are introduced; a reply to this mail reaches the other side."""
    for side in SIDES:
        own, there = match.entry(side), match.entry(other(side))
        for person in people_behind(own):
            with override(person.language):
                called = name_of(there)
            mail.send(
                person.email,
                INTRODUCED_MAIL,
                {
                    "own": own,
                    "there": there,
                    "called": called,
                    "page": page_for(match.get_absolute_url(), person),
                    "by_mail": address_for(match, person) is not None,
                },
                language=person.language,
                key=f"peers:introduced:{match.pk}:{person.pk}",
                reply_to=address_for(match, person),
            )


def tell_message(message: Message) -> None:
    """The other side gets the words; a reply to the mail goes into the same thread."""
    match = message.match
    own = match.entry(other(message.side))
    writer = message.by.name if message.by is not None else ""
    for person in people_behind(own):
        with override(person.language):
            called = name_of(match.entry(message.side))
        mail.send(
            person.email,
            MESSAGE_MAIL,
            {
                "message": message,
                "called": called,
                "writer": writer if writer != called else "",
                "page": page_for(match.get_absolute_url(), person),
                "by_mail": address_for(match, person) is not None,
            },
            language=person.language,
            key=f"peers:message:{message.pk}:{person.pk}",
            reply_to=address_for(match, person),
        )


def people_of(exchange: Exchange, side: str) -> list[Person]:
    """Who speaks for a side of an exchange today."""
    if exchange.match is not None:
        return people_behind(exchange.match.entry(side))
    body, person = exchange.organisation(side), exchange.person(side)
    if body is not None:
        return staff_of(body.pk, SEEKERS if exchange.is_of_review else STAFF)
    return [person] if person is not None and person.is_active else []


def tell_exchange(exchange: Exchange, side: str, what: str) -> None:
    """One side: something was proposed, changed, agreed, called off, recorded; or what came of it is asked for."""
    for person in people_of(exchange, side):
        with override(person.language):
            called = name_of_side(exchange.organisation(other(side)), exchange.person(other(side)))
        mail.send(
            person.email,
            EXCHANGE_MAIL,
            {
                "exchange": exchange,
                "what": what,
                "called": called,
                "page": page_for(exchange.get_absolute_url(), person),
            },
            language=person.language,
            key=f"peers:exchange:{exchange.pk}:{exchange.edits}:{exchange.asked}:{what}:{person.pk}",
        )


def tell_over(entry: Entry) -> None:
    """Its owner: it has ended by itself; and how it stands again."""
    for person in people_behind(entry):
        mail.send(
            person.email,
            OVER_MAIL,
            {"entry": entry, "is_gone": False, "page": page_for(entry.get_absolute_url(), person)},
            language=person.language,
            key=f"peers:over:{entry.pk}:{entry.expires_on.isoformat()}:{person.pk}",
        )


def tell_call_gone(entry: Entry) -> None:
    """Its owner: it was closed, because the call is gone."""
    for person in people_behind(entry):
        mail.send(
            person.email,
            OVER_MAIL,
            {"entry": entry, "is_gone": True, "page": page_for(entry.get_absolute_url(), person)},
            language=person.language,
            key=f"peers:gone:{entry.pk}:{person.pk}",
        )


def tell_taken_down(entry: Entry, words: str) -> None:
    """Its owner: it was taken off the site, and why."""
    tell_gone(people_behind(entry), entry.title, words, entry.get_absolute_url(), f"entry:{entry.pk}")


def tell_profile_taken_down(profile: Profile, words: str) -> None:
    people = [profile.person] if profile.person.is_active else []
    tell_gone(people, "", words, reverse("peers:profile"), f"profile:{profile.pk}")


def tell_exchange_taken_down(exchange: Exchange, words: str) -> None:
    people = [person for side in SIDES for person in people_of(exchange, side)]
    tell_gone(people, exchange.title, words, exchange.get_absolute_url(), f"exchange:{exchange.pk}")


def tell_gone(people: list[Person], title: str, words: str, path: str, key: str) -> None:
    """Whose it was: it was taken off the site, and why."""
    for person in people:
        mail.send(
            person.email,
            TAKEN_DOWN_MAIL,
            {"title": title, "words": words, "page": page_for(path, person)},
            language=person.language,
            key=f"peers:down:{key}:{person.pk}",
        )


def address_for(match: Match, person: Person) -> str | None:
    """Where a reply of this person to the other side goes; None where the installation takes no mail."""
    return reply_address(token_of(match, person.pk))


def token_of(match: Match, person: int) -> str:
    """The token of a reply address: which introduction, who got the mail, and a proof."""
    made = salted_hmac("koinon.peers.reply", f"{match.code}:{person}", algorithm="sha256").hexdigest()
    return f"{match.code}-{person}-{made[:20]}"
