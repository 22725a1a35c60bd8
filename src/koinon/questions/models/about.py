"""Which practice a question asks about, where it came from the page of one."""

from django.db import models

from koinon.practices.models import Practice
from koinon.questions.models.questions import Question


class AboutPractice(models.Model):
    """A question to those who did a practice. A confidential one has no such row: nothing may tell that there is one."""

    question = models.OneToOneField(Question, models.CASCADE, related_name="+")
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.practice_id}: {self.question_id}"
