"""Practices with their versions, what reviewers said, who took them over, and their translations."""

from koinon.practices.models.adoptions import Adoption, AdoptionSet
from koinon.practices.models.imports import Import, ImportedRow
from koinon.practices.models.pictures import Picture
from koinon.practices.models.practices import Practice, PracticeSet, Version
from koinon.practices.models.reviews import Review
from koinon.practices.models.translations import Translation

__all__ = [
    "Adoption",
    "AdoptionSet",
    "Import",
    "ImportedRow",
    "Picture",
    "Practice",
    "PracticeSet",
    "Review",
    "Translation",
    "Version",
]
