"""Replies by mail between two who were introduced: each person has a reply address of their own for each introduction.

The token cannot be guessed and names who got the mail; the sender's address has to be that person's. Neither side ever sees
the other's.
"""

import os
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override

from koinon.base.text import visible
from koinon.mail.letters import Letter, Refused
from koinon.network.visitor import visitor_for
from koinon.peers.actions import writing
from koinon.peers.models import Match
from koinon.peers.permissions import may_write_message
from koinon.peers.telling import token_of
from koinon.people.models import Person

LONGEST = 8000
_TOKEN = re.compile(r"([2-9a-hjkmnp-z]{12})-([1-9][0-9]{0,9})-([0-9a-f]{20})")


def take(letter: Letter) -> bool:
    """Act on a letter whose token is ours; `Refused` tells its sender why not."""
    found = _TOKEN.fullmatch(letter.token)
    match = Match.objects.introduced().with_sides().filter(code=found[1]).first() if found else None
    if found is None or match is None or token_of(match, int(found[2])) != letter.token:
        return False
    person = Person.objects.filter(pk=int(found[2]), is_active=True).first()
    with override(person.language if person is not None else "en"):
        if person is None or letter.sender != person.email.lower():
            raise Refused(
                gettext("This address takes replies only from the person who got the mail."), os.EX_NOUSER
            )
        by = visitor_for(person)
        if not may_write_message(by, match):
            raise Refused(gettext("You no longer speak for this side of the introduction."), os.EX_NOUSER)
        writing.write(
            match,
            by=by,
            text=_words(letter),
            language=letter.language or person.language,
            nonce=letter.fingerprint[:40],
            by_mail=True,
            left_out=min(len(letter.attachments), 1000),
        )
    return True


def _words(letter: Letter) -> str:
    """The text of a letter under the same rules as the form's; what nobody sees is left out first."""
    from koinon.practices.fields import Words

    lines = "\n".join(visible(line.replace("\t", " ")) for line in letter.text.splitlines()).strip()
    if len(lines) > LONGEST:
        raise Refused(gettext("The reply is longer than %(most)s characters.") % {"most": LONGEST})
    try:
        return str(Words(max_length=LONGEST).clean(lines))
    except ValidationError as wrong:
        raise Refused(gettext("The reply holds no words that can be kept.")) from wrong
