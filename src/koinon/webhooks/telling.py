"""Who is told when the house pauses a webhook: who answers for its body."""

from datetime import datetime

from koinon.base.languages import in_language
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.webhooks.models import Hook

PAUSED_MAIL = "webhooks/mail/paused"


def paused(hook: Hook, because: str, now: datetime) -> None:
    """One mail to each, and a line in the journal; in the transaction of the deed."""
    journal.record("webhook.paused", by=None, what=hook, details={"because": str(because)}, public=False)
    for person in hook.keepers():
        mail.send(
            person.email,
            PAUSED_MAIL,
            {
                "hook": hook,
                "because": Hook.Because(because).label,
                "page": site() + in_language(f"/webhooks/{hook.code}/", person.language),
            },
            language=person.language,
            key=f"webhook:{hook.pk}:{person.pk}:{int(now.timestamp())}",
        )
