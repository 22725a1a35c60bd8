"""About what: the specific objectives of the ESF+, and the words of the field."""

from typing import Self

from django.db import models


class Objective(models.Model):
    """A specific objective of the ESF+, Regulation (EU) 2021/1057, Article 4(1): letter `a` to `m`."""

    code = models.CharField(max_length=1, primary_key=True)
    sfc_code = models.CharField(max_length=10)
    sfc_code_certain = models.BooleanField(default=False)
    short = models.CharField(max_length=100)
    area = models.CharField(max_length=60)
    paraphrase = models.TextField()
    article14 = models.BooleanField(help_text="whether social innovation may be programmed under it")
    legal_basis = models.CharField(max_length=100)
    sources = models.JSONField(default=list)
    certain = models.BooleanField(default=True)
    checked_on = models.DateField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"({self.code}) {self.short}"


class TermSet(models.QuerySet["Term"]):
    def words(self) -> Self:
        """The words themselves, without the row that says what was loaded."""
        return self.exclude(term="")


class Term(models.Model):
    """A word of the field with what it means, and where that is written."""

    slug = models.SlugField(primary_key=True)
    term = models.CharField(max_length=100)
    meaning = models.TextField()
    sources = models.JSONField(default=list)
    certain = models.BooleanField(default=True)
    checked_on = models.DateField()

    objects = TermSet.as_manager()

    class Meta:
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term
