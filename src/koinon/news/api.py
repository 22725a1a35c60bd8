"""The news' part of the API."""

from ninja import Router

router = Router(tags=["news"])
