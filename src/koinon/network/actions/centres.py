"""National centres, their hosts, and what is known of them over time.

`centres.json` says what holds now; `history.json` writes the dates in its notes as records. Where neither dates a centre,
it is taken to begin with the consortium that set out to build it, and that is marked unsure.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.text import slugify

from koinon.base.text import fold
from koinon.network.actions.consortia import by_slug, centre_or_fail, dates_of, follow, own_slug, own_words
from koinon.network.actions.keeping import Outcome, keep
from koinon.network.actions.reading import LoadError, Record, numbered, records_of
from koinon.network.models import Coverage, Membership, Organisation, Phase, Precision, Service

State = Organisation.State
# How a status of the file begins, and what that means; the first that fits.
_STATES = (
    ("active 2021-2023; later state not found", State.UNCLEAR),
    ("active", State.RUNNING),
    ("being set up", State.SETUP),
    ("agreement signed", State.SETUP),
    ("planned", State.PLANNED),
    ("ended", State.ENDED),
)


def state_of(status: str) -> State:
    """What a status in words comes to; unclear where the words are not known."""
    return next((state for words, state in _STATES if status.startswith(words)), State.UNCLEAR)


def load_centres(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    """The centres of the Member States and the European centre, as they stand now."""
    there = by_slug()
    records = list(records_of(name, content, "centres"))
    rows = [_centre(record, made, there) for record in records]
    european = content.get("european_centre")
    if isinstance(european, dict):
        record = Record(name, str(european.get("id", "european_centre")), european)
        rows.append(_european(record, made, there))
        records.append(record)
    for row in rows:
        _keep_dates_of_history(row, there.get(row.slug))
    keep(
        outcome,
        Organisation,
        ["slug"],
        rows,
        among=Organisation.objects.of_kind("centre", "european_centre"),
        ignore=["follows"],
    )
    return len(rows)


def _keep_dates_of_history(row: Organisation, old: Organisation | None) -> None:
    """Dates come from history.json, which is loaded after; a second load of this file must not undo them."""
    if old:
        for key, value in (dates_of(old) | {"described_until": old.described_until}).items():
            setattr(row, key, value)


def _centre(record: Record, made: date, there: dict[str, Organisation]) -> Organisation:
    consortia = [*record.texts("consortia_2021_2023"), record.text("project_2024_2027")]
    for slug in filter(None, consortia):
        if slug not in there:
            raise record.wrong(f"consortium {slug!r} is not there")
    first = min(
        (there[slug] for slug in consortia if slug and there[slug].since),
        key=lambda consortium: consortium.since or date.max,
        default=None,
    )
    status = record.text("status", most=200, needed=True)
    given = record.choice("state", State.values, needed=False)
    state = State(given) if given else state_of(status)
    return Organisation(
        slug=own_slug(record, "centres.json", there),
        kind=Organisation.Kind.CENTRE,
        country=record.country(),
        name=record.text("name", needed=True),
        name_local=record.text("name_local"),
        website=record.url("website"),
        website_note=record.text("website_kind", most=200),
        state=state,
        state_certain=state != State.UNCLEAR and "not checked" not in status,
        status_text=status,
        host_certain=record.yes("host_certain"),
        host_text="; ".join(record.texts("hosts"))[:300],
        funding=record.text("funding"),
        since=first.since if first else None,
        since_precision=first.since_precision if first else Precision.DAY,
        since_certain=False,
        sources=record.texts("sources"),
        certain=record.yes("certain"),
        note=record.text("note", most=2000, lines=True),
        checked_on=made,
        loaded={"file": "centres.json", "record": record.values},
        **own_words(record),
    )


def _european(record: Record, made: date, there: dict[str, Organisation]) -> Organisation:
    entrusted, words = record.when("entrusted"), own_words(record)
    figures = {key: record.values[key] for key in ("budget_eur_m",) if key in record.values}
    return Organisation(
        slug=own_slug(record, "centres.json", there),
        kind=Organisation.Kind.EUROPEAN_CENTRE,
        name=record.text("name", needed=True),
        website=record.url("website"),
        state=State.RUNNING,
        status_text="entrusted " + record.text("entrusted"),
        host_text=record.text("host"),
        did=[*record.texts("streams", most=300), *record.texts("tools", most=300)],
        figures=figures,
        since=entrusted.day,
        since_precision=entrusted.precision,
        sources=record.texts("sources"),
        certain=record.yes("certain"),
        checked_on=made,
        loaded={"file": "centres.json", "record": record.values},
        **(words | {"contact": words["contact"] or record.text("contact_communities", most=254)}),
    )


def load_history(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    """Dates of centres, earlier centres, hosts from when until when, phases, services."""
    there = by_slug()
    count = _dates_and_earlier(name, content, made, outcome, there)
    there = by_slug()
    dated = _dated_hosts(name, content, made, outcome, there)
    there = by_slug()
    ties = [*dated, *_hosts_without_dates(name, content, made, outcome, there, dated)]
    ties += _centres_in_consortia(made, there)
    keep(
        outcome,
        Membership,
        ["member_id", "within_id", "role", "since"],
        ties,
        among=Membership.objects.filter(loaded__file="centres.json"),
        remove=True,
    )
    phases = _phases(name, content, made, there)
    keep(outcome, Phase, ["centre_id", "state", "since"], phases, among=Phase.objects.all(), remove=True)
    services = _services(name, content, made, there)
    keep(outcome, Service, ["organisation_id", "text"], services, among=Service.objects.all(), remove=True)
    return count + len(ties) + len(phases) + len(services)


def _dates_and_earlier(
    name: str, content: dict[str, Any], made: date, outcome: Outcome, there: dict[str, Organisation]
) -> int:
    """Write the dates of centres, and make the centres that came before."""
    earlier = list(records_of(name, content, "earlier_centres"))
    rows = []
    for record in earlier:
        since, until = record.when("since"), record.when("until", end=True)
        rows.append(
            Organisation(
                slug=own_slug(record, "history.json", there),
                kind=Organisation.Kind.CENTRE,
                country=record.country(),
                name=record.text("name", needed=True),
                state=state_of(record.text("status", needed=True)),
                status_text=record.text("status"),
                since=since.day,
                until=until.day,
                since_precision=since.precision,
                until_precision=until.precision,
                sources=record.texts("sources"),
                certain=record.yes("certain"),
                note=record.text("note", most=2000, lines=True),
                checked_on=made,
                loaded={"file": "history.json", "record": record.values},
            )
        )
    stand = keep(
        outcome,
        Organisation,
        ["slug"],
        rows,
        among=Organisation.objects.centres().filter(loaded__file="history.json"),
        ignore=["follows"],
    )
    there.update({row.slug: row for row in stand})
    dates = list(records_of(name, content, "centres", name="centre"))
    for record in dates:
        centre = centre_or_fail(record, there)
        since = record.when("since")
        wanted: dict[str, Any] = {"described_until": record.day("described_until")}
        if since.day:
            wanted |= {
                "since": since.day,
                "since_precision": since.precision,
                "since_certain": record.yes("since_certain"),
            }
        if any(getattr(centre, key) != value for key, value in wanted.items()):
            Organisation.objects.filter(pk=centre.pk).update(**wanted)
            outcome.changed += 1
    follow(outcome, [record for record in dates if record.values.get("follows")], there)
    return len(earlier) + len(dates)


def _dated_hosts(
    name: str, content: dict[str, Any], made: date, outcome: Outcome, there: dict[str, Organisation]
) -> list[Membership]:
    """Hosts whose time is known, or at least bounded."""
    found = []
    for record in numbered(name, content, "hosts"):
        centre = centre_or_fail(record, there)
        since, until = record.when("since"), record.when("until", end=True)
        named = record.values.get("organisations")
        if not isinstance(named, list):
            raise record.wrong("organisations is not a list")
        for order, which in enumerate(named):
            found.append(
                Membership(
                    member=_host(record, which, made, outcome, there, centre),
                    within=centre,
                    role=_role_of_host(content, which),
                    order=order,
                    since=since.day,
                    until=until.day,
                    since_precision=since.precision,
                    until_precision=until.precision,
                    since_certain=record.yes("since_certain"),
                    until_certain=record.yes("until_certain"),
                    sources=record.texts("sources"),
                    certain=record.yes("certain"),
                    note=record.text("note", most=2000),
                    checked_on=made,
                    loaded={"file": "centres.json", "from": "history.json"},
                )
            )
    for record in records_of(name, content, "earlier_centres"):
        centre = there[record.name]
        for order, slug in enumerate(record.texts("hosts")):
            found.append(
                Membership(
                    member=_host(record, slug, made, outcome, there, centre),
                    within=centre,
                    role=Membership.Role.HOST,
                    order=order,
                    sources=record.texts("sources"),
                    certain=record.yes("certain"),
                    note=record.text("note", most=2000),
                    checked_on=made,
                    loaded={"file": "centres.json", "from": "history.json"},
                    **dates_of(centre),
                )
            )
    return found


def _role_of_host(content: dict[str, Any], which: Any) -> str:
    names = content.get("host_names")
    if isinstance(names, dict):
        for entry in names.values():
            if isinstance(entry, dict) and entry.get("organisation") == which and entry.get("role"):
                return str(entry["role"])
    return Membership.Role.HOST


def _host(
    record: Record,
    which: Any,
    made: date,
    outcome: Outcome,
    there: dict[str, Organisation],
    centre: Organisation,
) -> Organisation:
    """The organisation that hosts: one of the file by its id, or one that only the centre's sources name."""
    if isinstance(which, str):
        if which not in there:
            raise record.wrong(f"organisation {which!r} is not there")
        return there[which]
    if not isinstance(which, dict):
        raise record.wrong("organisations holds something that is neither an id nor a record")
    part = Record(record.file, record.name, which)
    return _named_only(
        part,
        part.text("name", needed=True),
        part.choice("kind", Organisation.Kind.values, needed=False) or Organisation.Kind.OTHER,
        made,
        outcome,
        there,
        centre,
    )


def _named_only(
    record: Record,
    name: str,
    kind: str,
    made: date,
    outcome: Outcome,
    there: dict[str, Organisation],
    centre: Organisation,
) -> Organisation:
    """An organisation known only as a host: never merged with another by guess."""
    slug = f"{centre.country.lower()}-{slugify(name)}"[:120].strip("-")
    fresh = Organisation(
        slug=slug,
        kind=kind,
        country=centre.country,
        name=name,
        sources=centre.sources,
        certain=centre.certain,
        note="Known only as host of a centre.",
        checked_on=made,
        loaded={"file": "history.json", "record": {"name": name, "kind": kind, "host_of": centre.slug}},
    )
    if slug in there and there[slug].loaded.get("file") != "history.json":
        raise record.wrong(f"organisation {slug!r} is there, but as a record of another file")
    row = keep(
        outcome,
        Organisation,
        ["slug"],
        [fresh],
        among=Organisation.objects.filter(slug=slug),
        ignore=["follows"],
    )[0]
    there[slug] = row
    return row


def _hosts_without_dates(
    name: str,
    content: dict[str, Any],
    made: date,
    outcome: Outcome,
    there: dict[str, Organisation],
    dated: list[Membership],
) -> list[Membership]:
    """Hosts as centres.json names them, where history.json does not date them: beginning unknown."""
    names = content.get("host_names")
    if not isinstance(names, dict):
        raise LoadError(name, "", "host_names is not a mapping")
    done = {(tie.member_id, tie.within_id) for tie in dated}
    found = []
    for centre in sorted(there.values(), key=lambda row: row.slug):
        if centre.loaded.get("file") != "centres.json":
            continue
        stated = centre.loaded.get("record", {})
        hosts = stated.get("hosts") or ([stated["host"]] if stated.get("host") else [])
        for order, text in enumerate(hosts):
            entry = names.get(text)
            if entry is None:
                entry = {"organisation": _by_exact_name(text, centre.country, there)}
            record = Record(name, f"host_names {text}", entry if isinstance(entry, dict) else {})
            if not isinstance(entry, dict):
                raise record.wrong("not a record")
            if record.yes("text_only", False):
                continue
            slug = record.text("organisation", most=120)
            if not slug:
                kind = record.choice("kind", Organisation.Kind.values, needed=False)
                member = _named_only(
                    record, text[:300], kind or Organisation.Kind.OTHER, made, outcome, there, centre
                )
            elif slug in there:
                member = there[slug]
            else:
                raise record.wrong(f"organisation {slug!r} is not there")
            if (member.pk, centre.pk) in done:
                continue
            european = centre.kind == Organisation.Kind.EUROPEAN_CENTRE
            found.append(
                Membership(
                    member=member,
                    within=centre,
                    role=record.choice("role", Membership.Role.values, needed=False) or "host",
                    order=order,
                    since=centre.since if european else None,
                    since_precision=centre.since_precision if european else Precision.DAY,
                    since_certain=european,
                    sources=centre.sources,
                    certain=record.yes("certain") and centre.host_certain,
                    note=record.text("note", most=2000),
                    checked_on=made,
                    loaded={"file": "centres.json"},
                )
            )
    return found


def _by_exact_name(text: str, country: str, there: dict[str, Organisation]) -> str | None:
    """The one organisation of a country that bears exactly this name; None where there is none, or more than one."""
    same = [
        row.slug
        for row in there.values()
        if row.country == country and fold(text) in {fold(row.name), fold(row.name_local)} - {""}
    ]
    return same[0] if len(same) == 1 else None


def _centres_in_consortia(made: date, there: dict[str, Organisation]) -> list[Membership]:
    """A centre belongs to the consortia in which it was built, as long as both were there."""
    found = []
    for centre in sorted(there.values(), key=lambda row: row.slug):
        if centre.kind != Organisation.Kind.CENTRE:
            continue
        stated = centre.loaded.get("record", {})
        slugs = [
            *(stated.get("consortia_2021_2023") or stated.get("consortia") or []),
            stated.get("project_2024_2027"),
        ]
        for slug in filter(None, slugs):
            consortium = there.get(slug)
            if consortium is None or consortium.kind != Organisation.Kind.CONSORTIUM:
                file = str(centre.loaded.get("file", "centres.json"))
                raise LoadError(file, centre.slug, f"consortium {slug!r} is not there")
            dates = dates_of(consortium)
            if centre.since and consortium.until and centre.since > consortium.until:
                continue
            if centre.since and consortium.since and centre.since > consortium.since:
                dates |= {
                    "since": centre.since,
                    "since_precision": centre.since_precision,
                    "since_certain": centre.since_certain,
                }
            found.append(
                Membership(
                    member=centre,
                    within=consortium,
                    role=Membership.Role.CENTRE,
                    dates_inherited=False,
                    sources=consortium.sources,
                    certain=consortium.certain,
                    checked_on=made,
                    loaded={"file": "centres.json"},
                    **dates,
                )
            )
    return found


def _phases(name: str, content: dict[str, Any], made: date, there: dict[str, Organisation]) -> list[Phase]:
    """What state a centre was in and when: as dated in history.json; else that its consortium set out to build it."""
    found = []
    told: set[str] = set()
    for record in numbered(name, content, "phases"):
        centre = centre_or_fail(record, there)
        told.add(centre.slug)
        since, until = record.when("since"), record.when("until", end=True)
        found.append(
            Phase(
                centre=centre,
                state=record.choice("state", State.values),
                since=since.day,
                until=until.day,
                since_precision=since.precision,
                until_precision=until.precision,
                since_certain=record.yes("since_certain"),
                until_certain=record.yes("until_certain"),
                sources=record.texts("sources"),
                certain=record.yes("certain"),
                note=record.text("note", most=2000),
                checked_on=made,
                loaded={"file": "history.json"},
            )
        )
    first = _first_consortia()
    for centre in there.values():
        if centre.kind != Organisation.Kind.CENTRE or centre.slug in told:
            continue
        builder = first.get(centre.country)
        if builder and centre.state != State.SETUP and not centre.until:
            found.append(
                Phase(
                    centre=centre,
                    state=State.SETUP,
                    sources=builder.sources,
                    certain=False,
                    note=f"{builder.short} set out to build it; since when it runs was not seen.",
                    checked_on=made,
                    loaded={"file": "history.json"},
                    **dates_of(builder),
                )
            )
        found.append(
            Phase(
                centre=centre,
                # A centre that ended did run until then.
                state=State.RUNNING if centre.until else centre.state,
                since=centre.since if centre.until else None,
                until=centre.until,
                since_certain=bool(centre.until),
                sources=centre.sources,
                certain=centre.certain and centre.state_certain,
                checked_on=made,
                loaded={"file": "history.json"},
            )
        )
    return found


def _first_consortia() -> dict[str, Organisation]:
    """The first consortium that covered a country."""
    rows: Iterable[Coverage] = (
        Coverage.objects.filter(consortium__generation=1)
        .select_related("consortium")
        .order_by("-consortium__since", "-pk")
    )
    return {row.country: row.consortium for row in rows}


def _services(
    name: str, content: dict[str, Any], made: date, there: dict[str, Organisation]
) -> list[Service]:
    found = []
    for record in numbered(name, content, "services"):
        organisation = centre_or_fail(record, there, "organisation")
        for order, text in enumerate(record.texts("offers", most=300)):
            found.append(
                Service(
                    organisation=organisation,
                    text=text,
                    order=order,
                    sources=record.texts("sources"),
                    certain=record.yes("certain"),
                    note=record.text("note", most=2000),
                    checked_on=made,
                    loaded={"file": "history.json"},
                )
            )
    return found
