"""Where: the EU, its countries, its regions (NUTS 2024) and its localities, as one tree."""

import re
from functools import cache, lru_cache
from typing import Self

from django.db import connections, models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT, country_name

_LOCALITY_KEY = re.compile(r"(?:[a-z0-9-]*-)?([0-9]{1,10})")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")


def code_of_key(key: str) -> str:
    """The code that a key in an address means: `bologna-3181928` → `3181928`, `gr30` → `EL30`; empty if it is no key."""
    if found := _LOCALITY_KEY.fullmatch(key):
        return found[1].lstrip("0")
    code = key.upper()
    if not _CODE.fullmatch(code):
        return ""
    return "EL" + code[2:] if code.startswith("GR") else code


# Countries whose names are not in Latin letters, with the language that writes so.
OTHER_LETTERS = {"BG": "bg", "CY": "el", "EL": "el"}


_ANY = "KEY"


@cache
def _address(language: str) -> str:
    """The address of a place in a language, with `KEY` where the key goes: a page has dozens of them."""
    return reverse("place", args=[_ANY])


class PlaceSet(models.QuerySet["Place"]):
    def ancestors_of(self, place: "Place") -> Self:
        """What a place lies in, nearest first: Bologna → ITH55, ITH5, ITH, IT, EU. One query."""
        return self.filter(pk__in=place.ancestor_codes()).order_by("-level")

    def inside(self, place: "Place") -> Self:
        """What lies directly in a place, the largest first."""
        return self.filter(parent=place).order_by("-population", "name", "pk")

    def find(self, key: str) -> "Place | None":
        """The place of a key in an address; of a locality only the number counts.

        A NUTS 2021 code that is gone finds its successor where that is clear. The caller compares `place.key` with
        the key to send old and other spellings on. One query, two where the code is not of today.
        """
        code = code_of_key(key)
        if not code:
            return None
        place = self._of_code(code)
        if place is None and (former := FormerCode.objects.filter(pk=code).first()) and former.is_clear:
            return self.filter(pk=former.successors[0]).first()
        return place

    def _of_code(self, code: str) -> "Place | None":
        """Written out, because this is the one query of every page of a place, and composing it costs more than asking it."""
        fields = self.model._meta.concrete_fields
        columns = ", ".join(str(field.column) for field in fields)
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM places_place WHERE code = %s", [code])  # noqa: S608  our own fields
            row = cursor.fetchone()
        return None if row is None else self.model.from_db(self.db, [field.attname for field in fields], row)

    def countries(self) -> Self:
        return self.filter(kind=Place.Kind.COUNTRY, level=0).order_by("pk")


class Place(models.Model):
    """A place that can ask and be answered.

    `code` is the NUTS code of a region, the EU code of a country (`EL`, not `GR`), `EU`, or the GeoNames id of a
    locality. `level`: EU -1, country 0, regions 1–3, localities 4. A locality's parent is its NUTS 3 region.
    Sources: Regulation (EC) 1059/2003 as amended by (EU) 2023/674; GeoNames (CC BY 4.0); see /about/sources/.
    """

    class Kind(models.TextChoices):
        COUNTRY = "country", _("country")
        REGION = "region", _("region")
        LOCALITY = "locality", _("city or municipality")

    code = models.CharField(max_length=10, primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind)
    level = models.SmallIntegerField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    country = models.CharField(max_length=2, db_index=True)
    name = models.CharField(max_length=120)
    latin = models.CharField(max_length=120)
    latitude = models.FloatField()
    longitude = models.FloatField()
    population = models.PositiveIntegerField(default=0, help_text="0: not given")
    feature = models.CharField(
        max_length=1,
        blank=True,
        help_text="GeoNames: C capital, 1-5 seat of a division of that order, X, L, ?",
    )

    objects = PlaceSet.as_manager()

    # What a stand-in for many places shows instead of its own name and address (guide/stencils.py).
    called = ""
    addressed = ""

    class Meta:
        indexes = [
            models.Index(fields=["latitude", "longitude"]),
            models.Index(fields=["parent", "-population"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return _address(get_language() or DEFAULT).replace(_ANY, self.key)

    @property
    def key(self) -> str:
        """The place in an address: its code, or `bologna-3181928`; ASCII only."""
        if self.addressed:
            return self.addressed
        if self.kind != self.Kind.LOCALITY:
            return self.code
        return _locality_key(self.latin, self.code)

    @property
    def nuts(self) -> str:
        """The narrowest NUTS code that holds the place (its own, if it is a region or a country)."""
        return (self.parent_id or "") if self.kind == self.Kind.LOCALITY else self.code

    def ancestor_codes(self) -> list[str]:
        """What it lies in, nearest first, read off the code: NUTS codes nest by their letters."""
        if self.code == "EU":
            return []
        nuts = self.nuts
        wider = [nuts[:length] for length in range(len(nuts), 1, -1)]
        return [code for code in wider if code != self.code] + ["EU"]

    def display_name(self) -> str:
        """Its name in the language of the page where CLDR has one (countries, the EU), else in its own.

        Greek and Bulgarian names of regions are written in Latin letters for readers of other languages.
        """
        if self.called:
            return self.called
        language = get_language() or DEFAULT
        if self.kind == self.Kind.COUNTRY:
            return country_name(self.code, language)
        return self.name if OTHER_LETTERS.get(self.country, language) == language else self.latin


@lru_cache(maxsize=1000)
def _locality_key(latin: str, code: str) -> str:
    """Kept for the length of a request and a little longer: a page writes the address of its place several times."""
    return f"{slugify(latin) or 'place'}-{code}"


class PlaceName(models.Model):
    """A name a place goes by. `folded` (`base.text.fold`) is what people's words are compared with."""

    class Weight(models.IntegerChoices):
        """How much a name says: a place's own outranks another's alternate."""

        OWN = 3, "its own"
        OFFICIAL = 2, "a name in another language, from CLDR or the editors"
        ALTERNATE = 1, "from GeoNames, language not known"

    place = models.ForeignKey(Place, models.CASCADE, related_name="names")
    name = models.CharField(max_length=120)
    folded = models.CharField(max_length=120)
    language = models.CharField(max_length=3, blank=True)
    weight = models.SmallIntegerField(choices=Weight)
    source = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class FormerCode(models.Model):
    """A NUTS 2021 code that is gone, and the codes of 2024 that took its area, the largest first.

    `shares`: how much of the old area each successor took, from 0 to 1.
    """

    CLEAR = 0.9

    code = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=120)
    change = models.CharField(max_length=20)
    successors = models.JSONField(default=list)
    shares = models.JSONField(default=list)
    certain = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code

    @property
    def is_clear(self) -> bool:
        """Whether nearly all of the old area lies in the first successor."""
        return bool(self.certain and self.successors and self.shares[0] >= self.CLEAR)


class OutsideName(models.Model):
    """A name of a place or a country outside the EU, so that we can say plainly that it lies outside."""

    name = models.CharField(
        max_length=120, help_text="what the place is called there, or the country in English"
    )
    folded = models.CharField(max_length=120)
    country = models.CharField(max_length=2, help_text="ISO 3166-1, but UK; XK for Kosovo")
    population = models.PositiveIntegerField(default=0)
    weight = models.SmallIntegerField(choices=PlaceName.Weight)

    def __str__(self) -> str:
        return f"{self.name} ({self.country})"


class Reference(models.Model):
    """Which edition of the reference files is in the database: one row."""

    digest = models.CharField(max_length=64)
    loaded = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.digest
