"""Answers by mail: each case has reply addresses of its own, one for the asker and one for each person of the desk.

The token in the address cannot be guessed and names who got the mail; the sender's address has to be that one's too. What
the asker writes is added to the thread. What somebody at a desk writes becomes a note for colleagues, never an answer: a
mail's sender is only a claim, and an answer goes out in a body's name. A confidential request has no reply address.
"""

import os
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override

from koinon.base.text import visible
from koinon.mail.letters import Letter, Refused
from koinon.network.visitor import visitor_for
from koinon.people.models import Person
from koinon.questions.actions import asking, working
from koinon.questions.actions.receipts import token_of
from koinon.questions.actions.steps import NotFrom
from koinon.questions.forms import LONGEST, Words
from koinon.questions.models import Question
from koinon.questions.permissions import may_work

_TOKEN = re.compile(r"([0-9a-f]{16})-(a|[1-9][0-9]{0,9})-([0-9a-f]{20})")


def take(letter: Letter) -> bool:
    """Act on a letter whose token is ours; `Refused` tells its sender why not."""
    found = _TOKEN.fullmatch(letter.token)
    question = Question.objects.filter(seed__startswith=found[1]).first() if found else None
    if (
        found is None
        or question is None
        or question.confidential
        or token_of(question, found[2]) != letter.token
    ):
        return False
    with override(question.page_language):
        if found[2] == "a":
            _from_asker(question, letter)
        else:
            _from_desk(question, letter, int(found[2]))
    return True


def _from_asker(question: Question, letter: Letter) -> None:
    if not question.email or letter.sender != question.email.lower():
        raise Refused(
            gettext("This question takes replies only from the address that was given for it."), os.EX_NOUSER
        )
    text = _words(letter)
    try:
        asking.add_words(question, text=text, nonce=letter.fingerprint[:40], left_out=len(letter.attachments))
    except NotFrom:
        raise Refused(
            gettext("This question has ended; a reply can no longer be added."), os.EX_NOUSER
        ) from None
    if not question.email_confirmed:
        # Who answers from the address has shown that it is theirs.
        asking.confirm_email(question)


def _from_desk(question: Question, letter: Letter, person_id: int) -> None:
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None or letter.sender != person.email.lower():
        raise Refused(
            gettext("This address takes replies only from the person who got the mail."), os.EX_NOUSER
        )
    by = visitor_for(person)
    if not may_work(by, question):
        raise Refused(gettext("This question is no longer yours to work on."), os.EX_NOUSER)
    working.note(question, by=by, text=_words(letter))


def _words(letter: Letter) -> str:
    """The text of a letter under the same rules as a form's; what nobody sees is left out first."""
    lines = "\n".join(visible(line.replace("\t", " ")) for line in letter.text.splitlines()).strip()
    field = Words(max_length=LONGEST)
    if len(lines) > LONGEST:
        raise Refused(gettext("The reply is longer than %(most)s characters.") % {"most": LONGEST})
    try:
        return str(field.clean(lines))
    except ValidationError as wrong:
        raise Refused(gettext("The reply holds no words that can be kept.")) from wrong
