"""The six shelves of a place: responsible, coming, money, practices, peers, answered.

Each is filled by the capability that knows, nearest first. What is not there is a gap, as large as good news, with what
to do next. A shelf whose capability is not built yet says so, and invents nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.agenda.around import Coming, sessions_around
from koinon.base.languages import DEFAULT, country_name, language_name
from koinon.calls.around import Near, calls_around
from koinon.calls.money import per_project
from koinon.calls.words import Applicant, Stage
from koinon.courses.around import Coming as Begins
from koinon.courses.around import courses_around
from koinon.guide.items import Gap, Item, Link, Shelf, level_of, nearest_first
from koinon.network import responsible as network
from koinon.network.models import Stand
from koinon.peers.around import AROUND as PEER_AROUND
from koinon.peers.around import COUNTRY as PEER_COUNTRY
from koinon.peers.around import ELSEWHERE, Peer, peers_around
from koinon.peers.around import HERE as PEER_HERE
from koinon.places import tree
from koinon.places.models import Place
from koinon.practices.nearby import AROUND, HERE, NEAR, NEAR_AND_LIKE, Elsewhere, worked_elsewhere
from koinon.questions.knowledge import answers_around
from koinon.questions.models import Answer


def shelves(place: Place, day: date, today: date) -> list[Shelf]:
    """All six, in the order of the page. The queries are the network's six and two for answers, whatever the place.

    Which sessions and calls hold for a place is known for the version of the data (a few queries when that changes, for all
    places together).
    """
    known = network.answer(place, day, today=today)
    responsible = _responsible(known)
    nearest = nearest_to_ask(responsible)
    return [
        responsible,
        _coming(place, nearest),
        _money(place, known),
        _practices(place),
        _peers(place, known),
        _answered(place, today),
    ]


def nearest_to_ask(shelf: Shelf) -> Item | None:
    """Whom to turn to today: the centre, which is there to help; else the nearest authority; else whoever serves."""
    serving = [
        item for item in shelf.items if item.relation == "now" and item.url and item.type != "programme"
    ]
    centres = [item for item in serving if item.type == "centre" and item.stand != Stand.NOT_FOUND]
    return next(iter(centres + serving), None)


def _responsible(known: network.Answer) -> Shelf:
    country = country_name(known.place.country, get_language() or DEFAULT)
    items = nearest_first(_link(link) for link in known.links)
    current = _fold_authorities([item for item in items if item.relation == "now"])
    history = [item for item in items if item.relation != "now"]
    return Shelf(
        id="responsible",
        title=_("Who is responsible"),
        note=_("Start at the top. Each passes on what is not theirs."),
        template="guide/_responsible.html",
        items=current + history,
        gaps=[_gap(gap, country) for gap in known.gaps],
    )


def _fold_authorities(items: list[Item]) -> list[Item]:
    """Of several national authorities the first stands in the chain and holds the others: the centre must not drown."""
    national = [item for item in items if item.level == "country" and item.type in {"authority", "programme"}]
    if len(national) < 3:
        return items
    first, *others = national
    folded = replace(first, others=tuple(others))
    return [folded if item is first else item for item in items if item not in others]


def _link(link: network.Responsible) -> Item:
    """A link of the network's chain as an item of the shelf."""
    organisation = link.organisation
    meta: list[Link] = []
    if organisation is not None and organisation.website:
        meta.append(
            Link(organisation.website.split("//")[-1].removeprefix("www.").strip("/"), organisation.website)
        )
    for programme in link.programmes[:1]:
        if programme.authority_url and not meta:
            address = programme.authority_url
            meta.append(Link(address.split("//")[-1].removeprefix("www.").split("/")[0], address))
    if organisation is not None and organisation.contact:
        meta.append(Link(organisation.contact, f"mailto:{organisation.contact}"))
    if not meta:
        meta.append(Link(_("No address was found")))
    mark = "full"
    if link.stand == Stand.NOT_FOUND:
        mark = "none"
    elif link.kind == "consortium" or link.state in {"setup", "planned", "unclear"}:
        mark = "half"
    return Item(
        type=link.kind,
        title=link.title,
        url=link.url,
        level=link.level,
        holds_for=link.holds_for,
        because=link.because,
        sources=tuple(link.sources),
        checked_on=link.checked_on,
        confirmed_on=link.confirmed_on,
        certain=link.certain,
        stand=link.stand,
        note=link.note,
        said=link.said,
        mark=mark if link.relation == "now" else "none",
        period=link.period,
        relation=link.relation,
        hosts=tuple(Link(tie.member.name, tie.member.get_absolute_url()) for tie in link.hosts),
        meta=tuple(meta),
    )


def _gap(gap: network.Gap, country: str) -> Gap:
    return Gap(
        title=gap.title, text=gap.text, ask=gap.ask, level=gap.level, holds_for=country, sources=gap.sources
    )


def _coming(place: Place, nearest: Item | None) -> Shelf:
    """The next sessions for the place or for what it lies in, nearest first, then the next courses with dates; no query once the
    version is known."""
    name = {"place": place.display_name()}
    items = [_session(row, code, place) for code, row in sessions_around(place)]
    items += [_course(one, place) for one in courses_around(place)]
    gap = Gap(
        title=_("Nothing is planned for %(place)s that is known here") % name,
        text=_(
            "Nobody has announced a session here that holds for %(place)s; there may be others that are not known here."
            " That somebody looked is counted."
        )
        % name,
        ask=_("See what %(body)s announces") % {"body": nearest.title} if nearest else "",
        url=nearest.url if nearest else "",
    )
    return Shelf(
        id="coming",
        title=_("What comes up"),
        note=_("Sessions, clinics and courses."),
        template="guide/_coming.html",
        items=items,
        gaps=[] if items else [gap],
    )


def _session(row: Coming, code: str, place: Place) -> Item:
    """A session as an item: it holds for the nearest of its places that is, or holds, this one; else for all of Europe."""
    if code == place.code:
        there, holds_for = place, place.display_name()
    else:
        there = tree.regions()[code]
        holds_for = there.display_name()
    is_for_all = code not in row.places
    because = (
        _("It is open to every place.")
        if is_for_all
        else _("It is announced for %(place)s.") % {"place": holds_for}
    )
    language = get_language() or DEFAULT
    spoken = ", ".join(language_name(one, language) for one in row.spoken)
    interpreted = ", ".join(language_name(one, language) for one in row.interpreted)
    return Item(
        type="session",
        title=row.title,
        url=reverse("sessions:session", args=[row.code]),
        level="europe" if is_for_all else level_of(there),
        holds_for=holds_for,
        because=because,
        sources=(row.organiser,) if row.organiser else (),
        checked_on=row.checked_on or row.changed_on,
        confirmed_on=row.changed_on,
        certain=True,
        stand=Stand.HELD,
        note=row.format,
        said=row.organiser,
        period=f"{row.day.isoformat()} {row.begins:%H:%M}–{row.ends:%H:%M}",
        hosts=(Link(row.organiser),) if row.organiser else (),
        meta=(
            Link(date_format(row.day, "j M")),
            Link(date_format(row.day, "l")),
            Link(f"{row.begins:%H:%M}–{row.ends:%H:%M}"),
            Link(capfirst(spoken)),
            Link(_("Interpreted: %(languages)s") % {"languages": interpreted} if interpreted else ""),
            Link(row.venue),
            Link(row.language),
            Link(row.code),
        ),
    )


def _course(one: Begins, place: Place) -> Item:
    """A course with dates as an item: it holds for the nearest of its places that is, or holds, this one; else for all of Europe."""
    row = one.row
    there = place if one.code == place.code else tree.regions()[one.code]
    holds_for = there.display_name()
    because = (
        _("It is open to every place.")
        if one.is_for_all
        else _("It is announced for %(place)s.") % {"place": holds_for}
    )
    return Item(
        type="course",
        title=row.title,
        url=row.url,
        level="europe" if one.is_for_all else level_of(there),
        holds_for=holds_for,
        because=because,
        sources=(row.organiser,),
        checked_on=row.changed_at.date(),
        confirmed_on=row.changed_at.date(),
        certain=True,
        stand=Stand.HELD,
        note=_("Course"),
        said=row.organiser,
        period=f"{one.starts_on.isoformat()}–{one.ends_on.isoformat()}",
        hosts=(Link(row.organiser),),
        meta=(
            Link(date_format(one.starts_on, "j M")),
            Link(one.note or date_format(one.starts_on, "l")),
            Link(row.effort),
            Link(row.languages_words),
            Link(""),
            Link(""),
            Link(row.read_in),
            Link(row.slug),
        ),
    )


def _money(place: Place, known: network.Answer) -> Shelf:
    """Calls that are open to the place or to what it lies in, nearest first; then the programmes it may turn to."""
    name = {"place": place.display_name()}
    calls = [_call(row, code, place) for code, row in calls_around(place)]
    items = [
        Item(
            type="programme",
            title=money.title,
            url=money.url,
            level=money.level,
            holds_for=money.holds_for,
            because=money.because,
            sources=tuple(money.sources),
            checked_on=money.checked_on,
            confirmed_on=money.confirmed_on,
            certain=money.certain,
            stand=money.stand,
            note=money.article14,
            period=money.rate,
        )
        for money in known.money
    ]
    gap = Gap(
        title=_("No open call is known for %(place)s") % name,
        text=_(
            "Nobody has written one down here that is open to it. The programmes publish their own; there may be one we do not"
            " know of."
        )
        if items
        else _("Nobody has written one down here, and no programme that holds for all of it was found."),
        ask=_("See all calls"),
        url=reverse("calls:list"),
    )
    return Shelf(
        id="money",
        title=_("Money"),
        note=_("Calls, and the ESF+ programmes that a place in %(place)s may turn to.") % name
        if place.kind != Place.Kind.LOCALITY
        else _("Calls, and the ESF+ programmes that %(place)s may turn to.") % name,
        template="guide/_money.html",
        items=calls + nearest_first(items),
        gaps=[] if calls else [gap],
    )


def _call(row: Near, code: str, place: Place) -> Item:
    """A call as an item: it is open to the nearest of its places that is, or holds, this one; when it closes, or opens."""
    there = place if code == place.code else tree.regions()[code]
    holds_for = there.display_name()
    now = timezone.now()
    following = row.next_date(now)
    if following is None:
        closes = row.no_deadline or _("not stated")
    else:
        closes = date_format(following[1], "j M Y") + (f", {following[2]}" if following[2] else "")
    opens = ""
    if row.stage(now) == Stage.COMING and row.opens_on is not None:
        opens = _("opens on %(day)s") % {"day": date_format(row.opens_on, "j M Y")}
    who = row.who_text or ", ".join(
        str(Applicant(kind).label) for kind in row.who if kind in Applicant.values
    )
    because = (
        _("It is open to all Member States.")
        if code == "EU"
        else _("It is open to %(place)s.") % {"place": holds_for}
    )
    return Item(
        type="call",
        title=row.title,
        url=reverse("calls:call", args=[row.slug]),
        level=level_of(there),
        holds_for=holds_for,
        because=because,
        sources=row.sources,
        checked_on=row.checked_on,
        confirmed_on=row.confirmed_on,
        certain=row.certain,
        stand=row.stand,
        note=who or _("not stated"),
        said=row.opener,
        period=following[0].isoformat() if following is not None else "",
        hosts=(Link(row.opener),) if row.opener else (),
        meta=(
            Link(closes),
            Link(opens),
            Link(per_project(row) or _("not stated")),
            Link(row.language),
            Link(reverse("calls:check", args=[row.slug])),
        ),
    )


def elsewhere(place: Place, calls: Iterable[tuple[str, Near]]) -> list[Elsewhere]:
    """What worked in places like this one, or serves the objectives of the calls that are for it. No query."""
    return worked_elsewhere(place, objectives={letter for _code, call in calls for letter in call.objectives})


def _practices(place: Place) -> Shelf:
    """From places like this one: what stands there has a reason to; else the gap says so."""
    items = [_practice(one, place) for one in elsewhere(place, calls_around(place))]
    gap = Gap(
        title=_("No practice from a place like this one is told here yet"),
        text=_(
            "Not because nothing works: nobody has told of one that would fit %(place)s, by where it was done or by the"
            " size of the place."
        )
        % {"place": place.display_name()},
        ask=_("Look through all practices"),
        url=reverse("practices:list"),
    )
    return Shelf(
        id="practices",
        title=_("What worked elsewhere"),
        note=_("Practices from places like this one."),
        template="guide/_practices.html",
        items=items,
        gaps=[] if items else [gap],
    )


def _practice(one: Elsewhere, place: Place) -> Item:
    """A practice as an item: where it was done, how well it is shown, what it costs, and why it is here."""
    row = one.row
    levels = {HERE: level_of(place), AROUND: level_of(one.place), NEAR: "country", NEAR_AND_LIKE: "country"}
    note = _("An attempt that did not work") if row.has_failed else row.evidence_words
    return Item(
        type="practice",
        title=row.title,
        url=row.url,
        level=levels.get(one.why, "europe"),
        holds_for=place.display_name() if one.why == HERE else one.place.display_name(),
        because=one.because(place),
        sources=(),
        checked_on=row.checked_on,
        confirmed_on=None,
        certain=True,
        stand=Stand.CHECKED,
        note=f"{note}. {row.state_words}".strip(),
        said=row.summary,
        period=row.read_in,
        meta=(Link(row.cost_words),) if row.cost_words else (),
    )


def _peers(place: Place, known: network.Answer) -> Shelf:
    """What bodies offer and need, nearest first. Where nothing is near, the gap says with whom the country learns already."""
    found = peers_around(place)
    is_near = any(one.why != ELSEWHERE for one in found)
    text = _(
        "No body from here has said what it offers or needs. One sentence is enough, and whoever fits is shown."
    )
    now = next((link for link in known.links if link.kind == "consortium" and link.relation == "now"), None)
    if now is not None and now.organisation is not None and place.code != "EU":
        text += " " + _(
            "The countries nearest to learn with are those of the same consortium, %(consortium)s."
        ) % {"consortium": now.organisation.short}
    gap = Gap(
        title=_("No place has offered itself as a peer"),
        text=text,
        ask=_("See the consortium") if now else _("See all offers and needs"),
        url=now.url if now else reverse("peers:board"),
    )
    return Shelf(
        id="peers",
        title=_("Peers"),
        note=_("What bodies offer and need, nearest first."),
        template="guide/_peers.html",
        items=[_peer(one, place) for one in found],
        gaps=[] if is_near else [gap],
    )


def _peer(one: Peer, place: Place) -> Item:
    """An offer or need as an item: who says it, and why it stands here."""
    row = one.row
    levels = {PEER_HERE: level_of(place), PEER_COUNTRY: "country"}
    there = row.place.display_name() if row.place is not None else ""
    spoken = get_language() or DEFAULT
    return Item(
        type=row.kind,
        title=row.title,
        url=row.url,
        level=levels.get(one.why, level_of(row.place) if one.why == PEER_AROUND and row.place else "europe"),
        holds_for=place.display_name()
        if one.why == PEER_HERE
        else there or (country_name(row.country, spoken) if row.country else ""),
        because=one.because(place),
        sources=(row.body,),
        checked_on=row.changed_at.date(),
        confirmed_on=row.changed_at.date(),
        certain=True,
        stand=Stand.HELD,
        note=row.kind_words,
        said=row.text,
        period=date_format(row.until, "j M Y") if row.until is not None else _("open"),
        hosts=(Link(row.body, row.body_url),),
        meta=(Link(row.language), Link(_("invented") if row.is_demo else "")),
    )


def _answered(place: Place, day: date) -> Shelf:
    """What was asked and answered for the place, or for what it lies in; nearest first."""
    name = {"place": place.display_name()}
    pks = answers_around(place)
    rows = Answer.objects.public().select_related("body").prefetch_related("places").in_bulk(pks)
    items = [_answer(rows[pk], place, day) for pk in pks if pk in rows]
    gap = Gap(
        title=_("Nobody’s question about %(place)s has been answered here yet") % name,
        text=_(
            "Yours may be the first. Its answer can stand here, without your name, for every place it helps."
        ),
        ask=_("Ask for %(place)s") % name,
        url=reverse("ask") + f"?place={place.key}",
    )
    return Shelf(
        id="answered",
        title=_("Already answered"),
        note=_("For this place, and for what it lies in."),
        template="guide/_answered.html",
        items=nearest_first(items),
        gaps=[] if items else [gap],
    )


def _answer(row: Answer, place: Place, day: date) -> Item:
    """A published answer as an item: it holds for the nearest of its places that is, or holds, this one."""
    chain = [place.code, *place.ancestor_codes()]
    nearest = min(
        (there for there in row.places.all() if there.code in chain), key=lambda p: chain.index(p.code)
    )
    # The stand-in for many places has no name of its own; only an answer for the place itself would show it.
    holds_for = place.display_name() if nearest.code == place.code else nearest.display_name()
    published = row.published_at.date()
    return Item(
        type="answer",
        title=row.title,
        url=row.get_absolute_url(),
        level=level_of(nearest),
        holds_for=holds_for,
        because=_("%(body)s answered it for %(place)s.") % {"body": row.body_name, "place": holds_for},
        sources=tuple(row.sources),
        checked_on=row.changed_at.date(),
        confirmed_on=published,
        certain=not row.is_old(day),
        stand=Stand.STALE if row.is_old(day) else Stand.HELD,
        note=row.text,
        said=row.body_name,
        period=row.language,
        meta=(Link(row.asked_language),),
    )


def lead(place: Place, ancestors: list[Place], *, lacks_someone: bool) -> str:
    """The sentence under a place's name: what it is, where it lies, and how much is in place."""
    language = get_language() or DEFAULT
    words = {"country": country_name(place.country, language), "name": place.display_name()}
    region = next((wider.display_name() for wider in ancestors if wider.level == 2), "")
    if region in {words["name"], words["country"]}:
        region = ""
    if place.code == "EU":
        return _("All 27 Member States. Here is what is there for all of them.")
    if place.level == 0:
        what = _("A Member State of the European Union.")
    elif place.kind == Place.Kind.REGION:
        what = _("A region in %(country)s, NUTS level %(level)s.") % (words | {"level": place.level})
    elif place.feature == "C":
        what = _("The capital of %(country)s.") % words
    else:
        what = _what_a_locality_is(place, region) % (words | {"region": region})
    if lacks_someone:
        return (
            what
            + " "
            + _("What is there for it comes first, nearest first; what is missing is said as plainly.")
        )
    return what + " " + _("Here is what is there for it, nearest first.")


def _what_a_locality_is(place: Place, region: str) -> str:
    """A city from 50,000 inhabitants on, as the EU and the OECD define it; below, or not known, a town or municipality."""
    if place.population >= 50_000:
        return _("A city in %(region)s, %(country)s.") if region else _("A city in %(country)s.")
    if region:
        return _("A town or municipality in %(region)s, %(country)s.")
    return _("A town or municipality in %(country)s.")
