"""What is there: courses with their modules, questions and translations; who learns; certificates; kept self-checks."""

from koinon.courses.models.courses import Cohort, Course, CourseSet, Module, ModuleFile, Question
from koinon.courses.models.learning import Certificate, Enrolment, SelfCheck, Step
from koinon.courses.models.translations import Translation

__all__ = [
    "Certificate",
    "Cohort",
    "Course",
    "CourseSet",
    "Enrolment",
    "Module",
    "ModuleFile",
    "Question",
    "SelfCheck",
    "Step",
    "Translation",
]
