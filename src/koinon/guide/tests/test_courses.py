"""Courses that begin on a date stand on the shelf of what comes up, beside sessions."""

import pytest
from django.utils import timezone

from koinon.courses.testing import forget, make_cohort, make_course
from koinon.guide.shelves import shelves
from koinon.places.models import Place

pytestmark = pytest.mark.django_db


def test_a_course_with_dates_stands_on_the_shelf_of_its_places() -> None:
    place = Place.objects.get(pk="MT")
    course = make_course("In Malta")
    course.places.add(place)
    make_cohort(course)
    make_cohort(make_course("Everywhere"))
    forget()
    today = timezone.localdate()

    shelf = next(one for one in shelves(place, today, today) if one.id == "coming")

    items = {item.title: item for item in shelf.items if item.type == "course"}
    assert set(items) == {"In Malta", "Everywhere"}
    assert items["In Malta"].because == "It is announced for Malta."
    assert items["Everywhere"].level == "europe"
    assert shelf.gaps == []
