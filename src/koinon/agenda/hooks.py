"""What others add to a session: `changed` is called when one was moved or cancelled, in the transaction of the deed.

Each function gets the session as it is now, what happened (`moved` or `cancelled`) and the words to those who come. Where it
was moved, `session.moved_from[-1]` is the earlier time.
"""

from collections.abc import Callable
from typing import Literal

from koinon.agenda.models import Session

What = Literal["moved", "cancelled"]

changed: list[Callable[[Session, What, str], None]] = []
