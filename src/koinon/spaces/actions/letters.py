"""Talking by mail: each member has an address of its own for each thread, and one for the space, which begins a new thread.

The token cannot be guessed and names who got the mail; the sender's address has to be that person's. What machines write
is dropped before it comes here (`mail/incoming.py`), and the same letter acts once.
"""

import os
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override

from koinon.base.text import visible
from koinon.base.visitor import Visitor
from koinon.mail.letters import Letter, Refused
from koinon.network.visitor import visitor_for
from koinon.spaces import telling
from koinon.spaces.actions import talking
from koinon.spaces.actions.pacing import SLOWLY, TooFast
from koinon.spaces.models import Member, Space, Thread
from koinon.spaces.permissions import may_write

_TOKEN = re.compile(r"([2-9a-hjkmnp-z]{12})-([1-9][0-9]{0,9})-([0-9a-f]{20})")
_KEYS = re.compile(
    r"([2-9a-hjkmnp-z]{12}-)?[1-9][0-9]{0,17}-([0-9a-f]{32}|[0-9a-f]{20})(?![0-9a-f])", re.IGNORECASE
)
"""What a mail of ours holds for its reader alone, and a letter that quotes it whole brings back: its addresses, its stop."""
_AGAIN = re.compile(r"^(\s*(re|aw|antw|sv|vs|rif|fwd?|wg)\s*:)+\s*", re.IGNORECASE)


def take(letter: Letter) -> bool:
    """Act on a letter whose token is ours; `Refused` tells its sender why not."""
    found = _TOKEN.fullmatch(letter.token)
    if found is None:
        return False
    thread = Thread.objects.select_related("space").filter(code=found[1]).first()
    space = thread.space if thread is not None else Space.objects.filter(code=found[1]).first()
    if space is None or telling.token_of(thread or space, int(found[2])) != letter.token:
        return False
    mine = Member.objects.belonging().filter(pk=int(found[2]), space=space).select_related("person").first()
    with override(mine.person.language if mine is not None else "en"):
        if mine is None:
            raise Refused(gettext("You no longer belong to this space."), os.EX_NOUSER)
        if letter.sender != mine.person.email.lower():
            raise Refused(
                gettext("This address takes replies only from the person who got the mail."), os.EX_NOUSER
            )
        by = visitor_for(mine.person)
        if not may_write(by, space):
            raise Refused(gettext("This space has ended; nothing is added any more."), os.EX_NOUSER)
        try:
            _say(space, thread, letter, by, mine)
        except TooFast:
            raise Refused(str(SLOWLY), os.EX_UNAVAILABLE) from None
    return True


def _say(space: Space, thread: Thread | None, letter: Letter, by: Visitor, mine: Member) -> None:
    text = _words(letter)
    nonce, left_out = letter.fingerprint[:40], min(len(letter.attachments), 1000)
    language = letter.language or mine.person.language
    if thread is None:
        talking.begin(
            space,
            by=by,
            title=_title(letter, text),
            text=text,
            language=language,
            nonce=nonce,
            by_mail=True,
            left_out=left_out,
        )
        return
    try:
        talking.write(
            thread, by=by, text=text, language=language, nonce=nonce, by_mail=True, left_out=left_out
        )
    except talking.ThreadClosed:
        raise Refused(
            gettext("This thread was closed by a host; nothing is added any more."), os.EX_NOUSER
        ) from None


def _title(letter: Letter, text: str) -> str:
    """The subject without what mail programs put before it; else how the words begin."""
    from koinon.practices.fields import has_tower

    subject = " ".join(_AGAIN.sub("", letter.subject).split())[:160]
    first = " ".join(text.split())[:80]
    return subject if subject and not has_tower(subject) else first


def _words(letter: Letter) -> str:
    """The text of a letter under the same rules as the form's; what nobody sees is left out first."""
    from koinon.practices.fields import Words

    lines = "\n".join(visible(line.replace("\t", " ")) for line in letter.text.splitlines()).strip()
    lines = _KEYS.sub("…", lines)
    if len(lines) > talking.LONGEST:
        raise Refused(gettext("The reply is longer than %(most)s characters.") % {"most": talking.LONGEST})
    try:
        return str(Words(max_length=talking.LONGEST).clean(lines))
    except ValidationError as wrong:
        raise Refused(gettext("The reply holds no words that can be kept.")) from wrong
