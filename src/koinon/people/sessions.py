"""Where sessions are kept: in the database, as Django does it; what cannot be the key of one is not looked for."""

import re

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[0-9A-Za-z]{8,40}", re.ASCII)


class SessionStore(db.SessionStore):
    """A cookie may hold anything, a NUL too, which PostgreSQL cannot compare: whoever brings such a one has no session."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None
