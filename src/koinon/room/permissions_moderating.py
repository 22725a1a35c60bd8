"""Who may run the hour, see the moderators' desk, and read a speaker's view (B6 M, B7 M, B8 M, B13)."""

from koinon.agenda.actions.speaking import speaker_of
from koinon.agenda.models import Session, Speaker
from koinon.agenda.permissions import may_host
from koinon.base.visitor import Visitor
from koinon.network.models import Membership, Role
from koinon.people.models import Person
from koinon.room.models import Room


def may_moderate(by: Visitor, room: Room) -> bool:
    """Release, hold back, merge, put on stage, run the hour: the hosts of its session."""
    return may_host(by, room.session)


def may_see_desk(by: Visitor, session: Session) -> bool:
    """The queues, what waits and what was held back, notes among hosts (B6 R, B8 R, B13 R)."""
    return may_host(by, session)


def may_see_as_speaker(by: Visitor, session: Session, secret: str = "") -> bool:
    """The hosts, and who speaks: signed in as who is named on the programme, or with a speaker's private link."""
    if may_host(by, session):
        return True
    if by.person_id is not None:
        speakers = session.speakers.exclude(state=Speaker.State.DECLINED)
        if speakers.filter(person=by.person_id).exists():
            return True
    speaker = speaker_of(secret) if secret else None
    return (
        speaker is not None and speaker.session_id == session.pk and speaker.state != Speaker.State.DECLINED
    )


def hosts_among(session: Session, persons: set[int]) -> set[int]:
    """Which of these persons may host it now; two questions to the database, however many they are."""
    active = set(Person.objects.filter(pk__in=persons, is_active=True).values_list("pk", flat=True))
    kinds = Role.Kind
    organiser = session.organiser_id
    within: set[int] = set()
    if organiser is not None:
        ties = Membership.objects.today().filter(member=organiser).values_list("within", flat=True)
        within = {organiser, *ties}
    held = Role.objects.today().filter(person__in=active).values_list("person", "kind", "organisation")
    return {
        person
        for person, kind, organisation in held
        if kind == kinds.COORDINATOR
        or (kind in {kinds.EDITOR, kinds.MANAGER} and organisation is not None and organisation == organiser)
        or (kind == kinds.LEAD and organisation in within)
    }
