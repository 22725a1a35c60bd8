"""Who may see and register for a session that is not for everybody: asked by mail, and taken off again."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from koinon.agenda.models import Invitation, Session
from koinon.agenda.permissions import may_change
from koinon.base.languages import DEFAULT, in_language
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.people import actions as people
from koinon.people.models import Person

INVITED = "agenda/mail/invited"
MAILS = {INVITED: "B3"}


@transaction.atomic
def invite(session: Session, *, by: Visitor, email: str, language: str = DEFAULT) -> Invitation | None:
    """Let the person with this address see the session, and say so by mail. Twice changes nothing; None: the account is locked."""
    require(may_change(by, session))
    person = people.find(email) or Person.objects.create_user(email.lower(), language=language)
    if not person.is_active:
        return None
    invitation, is_new = Invitation.objects.get_or_create(
        session=session, person=person, defaults={"at": timezone.now()}
    )
    if is_new:
        journal.record("session.invited", by=by, what=session, public=False)
        with translation.override(DEFAULT):
            page = session.get_absolute_url()
            login = reverse("account_login")
        context = {
            "session": session,
            "page": site() + in_language(page, person.language),
            "login": site()
            + in_language(login, person.language)
            + f"?next={in_language(page, person.language)}",
        }
        mail.send(person.email, INVITED, context, language=person.language)
    return invitation


@transaction.atomic
def take_back(invitation: Invitation, *, by: Visitor) -> None:
    """The person sees the session no longer, unless registered for it."""
    require(may_change(by, invitation.session))
    session = invitation.session
    invitation.delete()
    journal.record("session.invitation_taken_back", by=by, what=session, public=False)
