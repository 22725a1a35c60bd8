"""Invented news and one invented newsletter for `--demo`. Marked as invented in their titles and on their pages, and removable."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.news.models import Item, ItemText, Letter
from koinon.places.models import Place
from koinon.search import changes

# Slug, body, places, days ago, words.
_ITEMS: tuple[tuple[str, str, tuple[str, ...], int, dict[str, Any]], ...] = (
    (
        "one-door-visit",
        "ncc-es",
        ("3104324", "ES24"),
        2,
        {
            "title": "Demonstration: Zaragoza opens its door to visitors in spring (invented)",
            "lead": "Three days in the office that employment, youth and housing share. Twelve places for other cities.",
            "text": "The days are for those who want to do the same at home: one day with the coaches, one with the lawyers,"
            " one with the young people themselves.\n\nTravel is paid by one’s own city. Lunch is in the kitchen.",
            "language": "en",
            "topics": ["one-stop-shop", "youth-employment"],
            "objectives": ["a", "f"],
        },
    ),
    (
        "rule-on-small-bodies",
        "ncc-bg",
        ("BG",),
        6,
        {
            "title": "Демонстрация: две малки общини могат да кандидатстват заедно (измислено)",
            "lead": "Управляващият орган отговори: едната подписва, другата е партньор.",
            "text": "Отговорът важи за поканите, които се откриват до края на годината.",
            "language": "bg",
            "topics": ["social-inclusion"],
            "source": "Demonstration (invented)",
        },
    ),
    (
        "training-of-coaches",
        "ncc-de",
        ("DE",),
        9,
        {
            "title": "Demonstration: Vier Tage für Coaches, die niemanden warten lassen (erfunden)",
            "lead": "Das Material der Schulung steht jetzt allen offen.",
            "language": "de",
            "topics": ["job-coaching"],
            "objectives": ["g"],
        },
    ),
    (
        "night-care-spreads",
        "ncc-fr",
        ("FR",),
        16,
        {
            "title": "Démonstration : la garde de nuit arrive dans deux villes (inventé)",
            "lead": "Un hôpital et une usine paient la moitié.",
            "language": "fr",
            "topics": ["childcare", "work-life-balance"],
            "objectives": ["c"],
            "correction": "Deux villes, et non trois.",
        },
    ),
    (
        "study-on-scaling",
        "ncc-it",
        (),
        24,
        {
            "title": "Demonstration: what stops a practice from travelling (invented)",
            "lead": "Forty attempts were looked at. Most stopped at the law, few at the money.",
            "language": "en",
            "topics": ["participation"],
        },
    ),
    (
        "places-until-friday",
        "ncc-pl",
        ("PL",),
        40,
        {
            "title": "Demonstracja: wolne miejsca na warsztat do piątku (wymyślone)",
            "lead": "Zgłoszenia były przyjmowane przez tydzień.",
            "language": "pl",
            "topics": ["volunteering"],
            "expired": True,
        },
    ),
)
_SPANISH = {
    "title": "Demostración: Zaragoza abre su puerta a visitantes en primavera (inventado)",
    "lead": "Tres días en la oficina que comparten empleo, juventud y vivienda.",
    "text": "Los días son para quienes quieren hacer lo mismo en su ciudad.",
}


def add() -> None:
    """Add what is not there yet."""
    if Item.objects.filter(is_demo=True).exists():
        return
    now = timezone.now()
    for slug, body, places, days, words in _ITEMS:
        organisation = Organisation.objects.filter(slug=body).first()
        if organisation is None:
            continue
        said = dict(words)
        expired = said.pop("expired", False)
        row = Item.objects.create(
            slug=demo.PREFIX + slug,
            organisation=organisation,
            state=Item.State.PUBLISHED,
            published_at=now - timedelta(days=days),
            corrected_at=now - timedelta(days=days - 1) if "correction" in said else None,
            expires_on=timezone.localdate() - timedelta(days=7) if expired else None,
            is_demo=True,
            **said,
        )
        row.places.set(Place.objects.filter(pk__in=places))
        if slug == "one-door-visit":
            ItemText.objects.create(item=row, language="es", of=1, **_SPANISH)
    centre = Organisation.objects.filter(slug="ncc-es").first()
    if centre is not None:
        Letter.objects.create(
            organisation=centre,
            state=Letter.State.SENT,
            title="Demonstration: four things of this autumn (invented)",
            text="Two answers that help small places, one call, one visit.\n\nThis letter was sent to nobody.",
            language="en",
            released_at=now - timedelta(days=20),
            ended_at=now - timedelta(days=20),
            is_demo=True,
        )
    _touch()


def remove() -> None:
    """Take all of it away again."""
    _touch()
    Item.objects.filter(is_demo=True).delete()
    Letter.objects.filter(is_demo=True).delete()


def _touch() -> None:
    changes.touch("news", *Item.objects.filter(is_demo=True).values_list("slug", flat=True))
    versions.raise_()


def join_in() -> None:
    """Called once, when news are ready."""
    demo.more.append((add, remove))
