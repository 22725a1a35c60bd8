"""Pages of long lists: `?page=2`."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

Row = TypeVar("Row")


def page_of(request: HttpRequest, rows: "Sequence[Row] | QuerySet[Any]", size: int) -> "Page[Any]":
    """The rows of the page asked for; 404 for what is no page, and beyond the last."""
    text = request.GET.get("page", "1")
    if not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII):
        raise Http404
    try:
        return Paginator(rows, size).page(int(text))
    except EmptyPage as beyond:
        raise Http404 from beyond
