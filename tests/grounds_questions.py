"""One of each thing that the addresses of questions, the desk and expert support can name; for tests/grounds.py."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.base.uploads import Clean
from koinon.network.visitor import visitor_for
from koinon.places.models import Place
from koinon.questions.actions import asking, files, publishing, working
from koinon.questions.actions.receipts import code_of
from koinon.questions.models import Assignment, Question, Triage
from koinon.questions.testing import make_question, make_request
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    desk = world.tenants["own"]
    manager = visitor_for(world.people["CMG"])
    authority = visitor_for(world.people["MA"])

    def at_desk(**more: Any) -> Question:
        return make_question(place="BE", desk=desk, **more)

    def assigned(question: Question, person: str = "CMG") -> Question:
        Assignment.objects.create(
            question=question, person=world.people[person], state="asked", at=timezone.now()
        )
        return question

    declined, merged, told, published = at_desk(), at_desk(), at_desk(), at_desk()
    opened = at_desk(email="asker@example.org")
    working.decline(declined, by=manager, reason="other", words="No", language="en")
    working.merge(merged, by=manager, into=opened)
    Question.objects.filter(pk=told.pk).update(escalations=1, escalated_to=world.consortia["own"])
    working.answer(published, by=manager, text="So it is.", language="en")
    asking.decide(published, helped="", may_publish=True, may_follow_up=False)
    published.refresh_from_db()
    answer = publishing.publish(
        published,
        by=manager,
        asked="Who signs?",
        text="So it is.",
        language="en",
        asked_language="en",
        places=[Place.objects.get(pk="BE")],
    )
    files.attach(
        opened, by=manager, files=[Clean("a.txt", "text/plain", b"Words.")], words="", for_asker=False
    )
    kept = opened.files.get()

    Triage.objects.get_or_create(person=world.people["NCO"])
    mine = make_request(body=world.authority, by=authority).question
    handled = make_request(body=world.authority, by=authority).question
    done = make_request(body=world.authority, by=authority)
    secret = make_request(body=world.authority, by=authority, confidential=True)
    for question in (handled, done.question):
        Question.objects.filter(pk=question.pk).update(desk=desk)
        assigned(question)
    done.outcome, done.outcome_shared = "It worked.", True
    done.save()

    for question in (opened, handled, done.question):
        question.refresh_from_db()
    _fill(world, opened, handled, done.question, at_desk().number)
    number = {"number": handled.number}
    return {
        "receipts/": {"code": code_of(opened)},
        "receipts/<str:code>/complain/": {"code": code_of(declined)},
        "receipts/<str:code>/not-the-same/": {"code": code_of(merged)},
        "questions/<int:pk>/": {"pk": answer.pk},
        "questions/files/": {"code": kept.code},
        "questions/<str:number>/": {"number": opened.number},
        "desk/": {"number": opened.number},
        "desk/cases/": {"number": opened.number},
        "desk/<str:number>/accept/": {"number": assigned(at_desk()).number},
        "desk/<str:number>/give-back/": {"number": assigned(at_desk()).number},
        "desk/<str:number>/take-over/": {"number": told.number},
        "desk/<str:number>/publish/": {"number": published.number},
        "support/": {"number": mine.number, "handle": secret.handle},
        "support/<str:number>/changed/": {"number": done.question.number},
        **{
            f"support/<str:number>/{deed}/": number
            for deed in ("accept", "give-back", "answer", "ask-back", "note", "decline", "outcome")
        },
        "support/<str:number>/share/": {"number": done.question.number},
    }


def _fill(world: World, opened: Question, handled: Question, done: Question, other: str) -> None:
    here, there = {"version": str(opened.version)}, {"version": str(handled.version)}
    RIGHT.update(
        {
            "ask/": {
                "place": "Bologna",
                "wish": "call",
                "chosen": "",
                "picked": "",
                "practice": "",
                "text": "Who signs it?",
            },
            "desk/<str:number>/answer/": here,
            "desk/<str:number>/ask-back/": here,
            "desk/<str:number>/note/": here,
            "desk/<str:number>/assign/": here | {"person": str(world.people["CED"].pk)},
            "desk/<str:number>/decline/": here | {"reason": "other", "words": "It is not ours."},
            "desk/<str:number>/forward/": here | {"to": "operators", "reason": "It is not ours."},
            "desk/<str:number>/merge/": here | {"into": other},
            "desk/<str:number>/new-date/": here
            | {"due": (timezone.localdate() + timedelta(days=7)).isoformat(), "reason": "Somebody is ill."},
            "desk/<str:number>/publish/": {
                "asked": "Who signs?",
                "text": "One of them.",
                "asked_language": "en",
                "places": "BE",
                "sources": "Manual",
                "clean_of_names": "on",
                "programme": "",
                "valid_until": "",
                "topics": "l",
                "more_places": "",
            },
            "support/<str:number>/answer/": there,
            "support/<str:number>/ask-back/": there,
            "support/<str:number>/decline/": there | {"reason": "other", "words": "It is not ours."},
            "support/<str:number>/changed/": {"text": "It still works."},
            "support/new/": {
                "body": str(world.authority.pk),
                "confidential": "no",
                "text": "How do we select?",
                "urgency": "calm",
                "wish": "written",
                "programme": "",
                "topics": "l",
                "priority": "",
            },
        }
    )
