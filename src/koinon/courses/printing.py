"""A certificate as a PDF, tagged for screen readers (PDF/UA-1); Typst sets it (docs/decisions/pdf.md)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.courses.listing import effort_words
from koinon.courses.models import Certificate


@cache
def _template() -> bytes:
    return Path(__file__).with_name("certificate.typ").read_bytes()


def pdf(request: HttpRequest, certificate: Certificate) -> bytes:
    """The bytes of the PDF, in the language that is spoken now."""
    # Here, not above: thirty megabytes that only this page needs.
    import typst

    made: bytes = typst.compile(
        _template(),
        sys_inputs={"data": json.dumps(_data(request, certificate), ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return made


def _data(request: HttpRequest, certificate: Certificate) -> dict[str, Any]:
    name = certificate.name
    sentence = (
        _("%(name)s finished this course:") % {"name": name}
        if name
        else _("The holder finished this course:")
    )
    day = certificate.finished_on
    return {
        "lang": get_language() or DEFAULT,
        "heading": _("Certificate"),
        "sentence": sentence,
        "title": certificate.title,
        "title_lang": certificate.language,
        "facts": [
            [_("Finished"), date_format(day, "DATE_FORMAT") if day else ""],
            [_("Workload"), effort_words(certificate.minutes)],
            [_("Organiser"), certificate.organiser],
            [_("Number"), certificate.number],
        ],
        "check": _("Whoever opens this address sees that the certificate is true:"),
        "address": request.build_absolute_uri(certificate.get_absolute_url()),
    }
