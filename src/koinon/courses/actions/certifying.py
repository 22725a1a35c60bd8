"""Certificates: made when a course is finished, with a name only as its holder wishes, and taken back by the holder."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.agenda.registration_codes import new_certificate
from koinon.base.visitor import Visitor, require
from koinon.courses.models import Certificate, Enrolment


class NotFinished(Exception):
    """A certificate is for who finished a course that gives one."""


@transaction.atomic
def certify(enrolment: Enrolment, *, by: Visitor, name: str) -> Certificate:
    """The certificate of who finished; asked for again it is the same one, with the name as it is wished now."""
    mine = Enrolment.objects.seen_by(by).select_for_update().filter(pk=enrolment.pk).first()
    require(mine is not None)
    assert mine is not None
    course = mine.course
    if mine.finished_at is None or not course.gives_certificate:
        raise NotFinished
    # Where it is taken back at this moment it is waited for, and is not there any more.
    there = Certificate.objects.select_for_update().filter(person=mine.person_id, course=course).first()
    if there is not None:
        if there.name != name:
            there.name = name
            there.save(update_fields=["name"])
        return there
    from koinon.courses.readings import title_of

    title, language = title_of(course, mine.language)
    try:
        with transaction.atomic():
            return Certificate.objects.create(
                number=new_certificate(),
                person=mine.person,
                course=course,
                organiser=course.organiser.name,
                # A machine may translate it into more than a title can hold.
                title=title[:200],
                language=language,
                minutes=course.minutes,
                name=name,
                finished_on=timezone.localdate(mine.finished_at),
            )
    except IntegrityError:
        return Certificate.objects.get(person=mine.person, course=course)


@transaction.atomic
def take_back(certificate: Certificate, *, by: Visitor) -> Certificate:
    """The holder takes it back: the number stays and says so; name, day and whose it was are erased. So the second time is
    nobody's, and denied."""
    now = Certificate.objects.select_for_update().get(pk=certificate.pk)
    require(now.person_id is not None and now.person_id == by.person_id)
    return erase(now)


def erase(certificate: Certificate) -> Certificate:
    """What stays of a certificate that does not hold any more."""
    certificate.name, certificate.person, certificate.finished_on = "", None, None
    certificate.taken_back_at = timezone.now()
    certificate.save()
    return certificate
