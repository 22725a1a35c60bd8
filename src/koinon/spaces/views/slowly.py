"""The answer to who adds too fast: what was typed stands there again, and when to come back."""

from django.http import HttpResponse

MINUTES = 10


def slowed(answer: HttpResponse) -> HttpResponse:
    """The page with what was typed, for programs also with the seconds to wait."""
    answer.headers["Retry-After"] = str(MINUTES * 60)
    return answer
