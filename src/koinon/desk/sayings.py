"""What is said after something was done at the desk, and when somebody else was a moment quicker."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DONE: Mapping[str, Promise | str] = {
    "take": _("It is yours now. The asker was told that a person has it."),
    "accept": _("It is yours now. The asker was told that a person has it."),
    "give_back": _("It lies with the desk again, and the desk was told."),
    "assign": _("The person was asked, and got a mail."),
    "forward": _("It was forwarded. The new desk and the asker were told."),
    "note": _("The note is kept."),
    "ask_back": _("The asker was asked. The clock stands until the answer."),
    "answer": _("It is answered, and the asker was told."),
    "merge": _("They are joined. The asker was told."),
    "decline": _("It was declined, with your reason. The asker was told, and may complain once."),
    "new_date": _("The new date is promised, and the asker was told."),
    "take_over": _("You took it over. The asker was told."),
    "language": _("The language is corrected."),
    "publish": _("It is published."),
    "also_asked": _("The other wording is kept."),
    "withdraw": _("The answer was taken off."),
    "promise": _("The promise is set; it holds for what comes in from now on."),
}

CHANGED = _(
    "Somebody changed this a moment before; what you wrote stands below. Read what is new, then send again."
)
ENDED = _("This is no longer possible, because the question has moved on; what you wrote stands below.")
