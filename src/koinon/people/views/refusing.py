"""What allauth's views answer to a form that was not right."""

from typing import Any

from django.http import HttpResponseBase

NOT_TAKEN = 422


class Refusing:
    """A form that was not right is answered with 422."""

    def form_invalid(self, form: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == 200:
            response.status_code = NOT_TAKEN
        return response
