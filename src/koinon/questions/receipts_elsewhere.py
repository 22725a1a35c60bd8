"""Receipts of what is no question yet: an upper floor answers at the same address until it is one.

elsewhere.append(receipt)      # in the `apps.py` of an upper floor: (request, code as it was typed) → an answer, or None
"""

from collections.abc import Callable

from django.http import HttpResponse

from koinon.base.visitor import HttpRequest
from koinon.questions.actions.receipts import tidy_code
from koinon.questions.models import Question

elsewhere: list[Callable[[HttpRequest, str], HttpResponse | None]] = []


def answer(request: HttpRequest, code: str) -> HttpResponse | None:
    """The page of a receipt that no question has; None where a question has it, or nobody knows it."""
    if Question.objects.with_code(tidy_code(code)).exists():
        return None
    for find in elsewhere:
        if (found := find(request, code)) is not None:
            return found
    return None
