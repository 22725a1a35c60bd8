"""Who is on the programme: inviting them by mail, and what they do on their private page without an account."""

import secrets
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare, salted_hmac

from koinon.agenda.models import Session, Speaker
from koinon.agenda.permissions import may_change
from koinon.base.languages import DEFAULT, in_language
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.network.actions.roles import site

INVITED = "agenda/mail/speaker_invited"
CHANGED = "agenda/mail/speaker_changed"
SLIDES = "agenda/mail/speaker_slides"
MAILS = {INVITED: "B2", CHANGED: "B2", SLIDES: "B2"}
# So long before the slides are due, who has not handed them in is reminded.
BEFORE = timedelta(days=3)
# So long after the session the private page answers, for slides that come late.
LINK_HOLDS = timedelta(days=90)
MOST_SPEAKERS = 60


@transaction.atomic
def add(
    session: Session,
    *,
    by: Visitor,
    name: str,
    role: str,
    body: str = "",
    email: str = "",
    language: str = DEFAULT,
    slides_due: date | None = None,
) -> Speaker:
    """Put somebody on the programme; whether they are asked by mail is another deed (`invite`)."""
    require(may_change(by, session))
    last = session.speakers.aggregate(last=Max("position"))["last"]
    speaker = Speaker.objects.create(
        session=session,
        position=0 if last is None else last + 1,
        name=name,
        role=role,
        body=body,
        email=email,
        page_language=language,
        slides_due=slides_due,
        seed=secrets.token_hex(32),
    )
    journal.record("session.speaker_added", by=by, what=session, public=session.published)
    return speaker


@transaction.atomic
def invite(speaker: Speaker, *, by: Visitor, words: str = "") -> Speaker:
    """Mail the private link. Asked again, the same link is sent again; who has answered keeps the answer."""
    require(may_change(by, speaker.session))
    if not speaker.email:
        return speaker
    if not speaker.seed:
        speaker.seed = secrets.token_hex(32)
    if speaker.state == Speaker.State.NAMED:
        speaker.state = Speaker.State.INVITED
    speaker.save(update_fields=["seed", "state"])
    _send(speaker, INVITED, words=words)
    journal.record("session.speaker_invited", by=by, what=speaker.session, public=False)
    return speaker


@transaction.atomic
def remove(speaker: Speaker, *, by: Visitor) -> None:
    """Take somebody off the programme; the private link leads nowhere from now on."""
    require(may_change(by, speaker.session))
    session = speaker.session
    speaker.delete()
    journal.record("session.speaker_removed", by=by, what=session, public=session.published)


@transaction.atomic
def answer(speaker: Speaker, *, accepts: bool) -> Speaker:
    """Who was invited says yes or no; a later answer replaces an earlier one. Comes through the private link."""
    wanted = Speaker.State.ACCEPTED if accepts else Speaker.State.DECLINED
    if speaker.state != wanted:
        speaker.state = wanted
        speaker.save(update_fields=["state"])
        verb = "session.speaker_accepted" if accepts else "session.speaker_declined"
        journal.record(verb, by=None, what=speaker.session, public=speaker.session.published)
    return speaker


@transaction.atomic
def hand_in(speaker: Speaker, *, name: str, body: str, bio: str, slides: str) -> Speaker:
    """How the speaker wants to be named, a few sentences, and where the slides lie. Comes through the private link."""
    speaker.name, speaker.body, speaker.bio, speaker.slides = name, body, bio, slides
    speaker.save(update_fields=["name", "body", "bio", "slides"])
    journal.record(
        "session.speaker_handed_in", by=None, what=speaker.session, public=speaker.session.published
    )
    return speaker


def secret_of(speaker: Speaker) -> str:
    """The secret in the private link: kept nowhere, derived from a seed under the installation's secret."""
    return f"{speaker.pk}-{_proof(speaker)}"


def speaker_of(secret: str) -> Speaker | None:
    """Whose link it is; None for one that is none, and once the session is long over."""
    key, _, proof = secret[:120].partition("-")
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        return None
    row = Speaker.objects.select_related("session", "session__organiser").filter(pk=int(key)).first()
    if row is None or not row.seed or not constant_time_compare(proof.encode(), _proof(row).encode()):
        return None
    return row if row.session.ends_at + LINK_HOLDS > timezone.now() else None


def _proof(speaker: Speaker) -> str:
    return salted_hmac("koinon.agenda.speaker", speaker.seed or "", algorithm="sha256").hexdigest()[:40]


def address_of(speaker: Speaker) -> str:
    """The private page, in the language of the speaker's mails."""
    with translation.override(DEFAULT):
        path = reverse("sessions:speaker", args=[secret_of(speaker)])
    return site() + in_language(path, speaker.page_language)


def tell(session: Session, what: str, words: str) -> None:
    """Mail all speakers who were asked and did not decline: it was moved, or cancelled."""
    rows = session.speakers.exclude(email="").filter(
        state__in=[Speaker.State.INVITED, Speaker.State.ACCEPTED]
    )
    for speaker in rows:
        speaker.session = session
        _send(speaker, CHANGED, what=what, words=words, key=f"speaker:{speaker.pk}:{what}:{session.version}")


def remind() -> int:
    """For the tick: once, a few days before the slides are due, who has said yes and has not handed them in."""
    today = timezone.localdate()
    due = Speaker.objects.filter(
        state=Speaker.State.ACCEPTED,
        slides="",
        reminded_at=None,
        slides_due__gte=today,
        slides_due__lte=today + BEFORE,
        session__state=Session.State.PLANNED,
    ).exclude(email="")
    sent = 0
    for speaker in list(due.select_related("session", "session__organiser")[:200]):
        with transaction.atomic():
            # Who changes the row writes; another process at the same time changes nothing.
            if Speaker.objects.filter(pk=speaker.pk, reminded_at=None).update(reminded_at=timezone.now()):
                _send(speaker, SLIDES)
                sent += 1
    return sent


def _send(
    speaker: Speaker, template: str, *, words: str = "", what: str = "", key: str | None = None
) -> None:
    session = speaker.session
    with translation.override(DEFAULT):
        page = session.get_absolute_url()
    context = {
        "speaker": speaker,
        "session": session,
        "what": what,
        "words": words,
        "where": address_of(speaker),
        "page": site() + in_language(page, speaker.page_language),
    }
    mail.send(speaker.email, template, context, language=speaker.page_language, key=key)
