"""Invented courses for `--demo`: one in several languages, one with dates and seats. Marked as invented in their titles and on
their pages, and removable. The one with dates is for every place, so that no place's shelf of what comes up is empty.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from koinon.agenda.models import Session
from koinon.courses import found
from koinon.courses.models import Cohort, Course, Module, Question, Translation
from koinon.courses.models.translations import mark_of
from koinon.courses.words import Competence, Level, Made, ModuleKind, Pace, QuestionKind, State
from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation

PREFIX = demo.PREFIX
_FOUNDING = "ncc-mt"

_FIRST: dict[str, Any] = {
    "language": "en",
    "title": "Demonstration: social innovation for civil servants, a first course (invented)",
    "lead": "Five modules of half an hour. At the end you have one page about your own place.",
    "about": "For people in town halls and regional offices who have never worked on this and have to begin on Monday.\n\n"
    "Each module is one question that somebody will ask you. Read it, try it on your own place, go on.",
    "outcomes": "Say what counts as social innovation, and what does not\nName who is responsible in your country\n"
    "Ask residents before anything is written\nChoose among three ways to pay for a first try",
    "requires": "",
    "level": Level.FIRST,
    "minutes": 150,
    "topics": ["social-innovation", "capacity-building", "co-creation"],
    "competences": [Competence.COCREATION, Competence.CAPACITY, Competence.MAPPING],
}
_FIRST_IT = {
    "title": "Dimostrazione: innovazione sociale per funzionari pubblici, un primo corso (inventato)",
    "lead": "Cinque moduli di mezz’ora. Alla fine hai una pagina sul tuo comune.",
    "about": "Per chi lavora in un comune o in una regione, non se n’è mai occupato e deve cominciare lunedì.\n\n"
    "Ogni modulo è una domanda che qualcuno ti farà. Leggila, provala sul tuo territorio, vai avanti.",
    "outcomes": "Dire che cosa è innovazione sociale e che cosa non lo è\nSapere chi è responsabile nel tuo Paese\n"
    "Chiedere ai residenti prima di scrivere\nScegliere fra tre modi di pagare una prima prova",
}
_FIRST_DE = {
    "title": "Demonstration: Soziale Innovation für Verwaltungen, ein erster Kurs (erfunden)",
    "lead": "Fünf Module zu je einer halben Stunde. Am Ende haben Sie eine Seite über Ihren eigenen Ort.",
}
_MODULES: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    (
        {
            "kind": ModuleKind.TEXT,
            "title": "What counts as social innovation, and what does not",
            "minutes": 25,
            "text": "A new way of meeting a need that people have, made together with them, which works better than what was"
            " there. A new building is not one. A new form is not one. An old idea in a place that never had it can be.\n\n"
            "Ask three questions: Whose need is it? Did they take part? What is different afterwards?",
        },
        {
            "title": "Che cosa è innovazione sociale, e che cosa non lo è",
            "text": "Un modo nuovo di rispondere a un bisogno, fatto insieme a chi ce l’ha, che funziona meglio di prima. Un"
            " edificio nuovo non lo è. Un modulo nuovo non lo è. Un’idea vecchia dove non c’è mai stata può esserlo.\n\n"
            "Tre domande: di chi è il bisogno? Ha partecipato? Che cosa cambia dopo?",
        },
    ),
    (
        {
            "kind": ModuleKind.SESSION,
            "title": "What is there for regions and cities",
            "minutes": 60,
            "text": "The session in which the centres were presented. Write down one question that you would have asked.",
        },
        {
            "title": "Che cosa c’è per regioni e città",
            "text": "La sessione in cui i centri sono stati presentati. Scrivi una domanda che avresti fatto.",
        },
    ),
    (
        {
            "kind": ModuleKind.TASK,
            "title": "Asking residents before writing",
            "minutes": 30,
            "text": "Name five people whom your measure is for. Ask two of them this week what they did last time, and what"
            " would have helped. Write down what they said in their own words.",
        },
        {
            "title": "Chiedere ai residenti prima di scrivere",
            "text": "Pensa a cinque persone per cui è la tua misura. Chiedi a due di loro, questa settimana, che cosa hanno fatto"
            " l’ultima volta e che cosa sarebbe servito. Scrivi le loro parole.",
        },
    ),
    (
        {
            "kind": ModuleKind.QUIZ,
            "title": "Four questions on the way",
            "minutes": 10,
            "text": "Nobody sees your answers. You may try as often as you like.",
            "needs": 50,
        },
        {
            "title": "Quattro domande lungo la strada",
            "text": "Nessuno vede le tue risposte. Puoi provare quante volte vuoi.",
        },
    ),
    (
        {
            "kind": ModuleKind.TASK,
            "title": "Your page",
            "minutes": 25,
            "text": "One page about your own place: the need, who took part, who is responsible, how a first try is paid for. Give"
            " it to a colleague who was not there, and ask what is unclear.",
        },
        {},
    ),
)
_QUESTIONS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    (
        {
            "kind": QuestionKind.SINGLE,
            "text": "Which of these is most likely to be social innovation?",
            "choices": [
                "A new town hall",
                "A form that can be sent by mail",
                "Neighbours and nurses plan home care together",
            ],
            "right": [2],
            "explanation": "Those whose need it is take part, and something is different afterwards.",
        },
        {
            "text": "Quale di queste è più probabilmente innovazione sociale?",
            "choices": "Un municipio nuovo\nUn modulo che si invia per posta\nVicini e infermieri progettano insieme l’assistenza",
            "explanation": "Partecipa chi ha il bisogno, e dopo qualcosa è diverso.",
        },
    ),
    (
        {
            "kind": QuestionKind.SEVERAL,
            "text": "Whom do you ask before writing?",
            "choices": ["People whom it is for", "Those who will do the work", "Nobody: it saves time"],
            "right": [0, 1],
            "explanation": "Both know something that stands in no document.",
        },
        {
            "text": "A chi chiedi prima di scrivere?",
            "choices": "Alle persone per cui è\nA chi farà il lavoro\nA nessuno: si risparmia tempo",
            "explanation": "Entrambi sanno qualcosa che non sta in nessun documento.",
        },
    ),
    (
        {
            "kind": QuestionKind.NUMBER,
            "text": "Up to how many per cent of a priority dedicated to social innovation can the ESF+ pay?",
            "number": Decimal(95),
            "explanation": "Article 14 of Regulation (EU) 2021/1057 allows up to 95 per cent.",
        },
        {
            "text": "Fino a quale percentuale l’FSE+ può pagare una priorità dedicata all’innovazione sociale?",
            "explanation": "L’articolo 14 del regolamento (UE) 2021/1057 consente fino al 95 per cento.",
        },
    ),
    (
        {
            "kind": QuestionKind.ORDER,
            "text": "In which order?",
            "choices": ["Ask", "Try it small", "Look at what changed", "Tell others"],
            "right": [],
            "explanation": "Who tells others before looking at what changed tells a hope.",
        },
        {
            "text": "In quale ordine?",
            "choices": "Chiedere\nProvare in piccolo\nGuardare che cosa è cambiato\nRaccontarlo",
            "explanation": "Chi racconta prima di guardare racconta una speranza.",
        },
    ),
)
_SECOND: dict[str, Any] = {
    "language": "en",
    "title": "Demonstration: writing a call that small places can answer (invented)",
    "lead": "Four Thursdays for managing authorities: shorten one of your own calls, and try it on a mayor.",
    "about": "Bring a call of your own. Each week one part of it becomes shorter. In the last week a mayor of a place with two"
    " thousand people reads it aloud.",
    "outcomes": "Say in ten lines who can apply and for what\nAsk only for what decides\nUse lump sums where they fit",
    "requires": "You have written or decided on a call.",
    "level": Level.SECOND,
    "minutes": 480,
    "pace": Pace.DATES,
    "topics": ["call-for-proposals", "simplified-cost-options", "managing-authority"],
    "competences": [Competence.INTERACTION, Competence.SCALING, Competence.NETWORKING],
}
_SECOND_MODULES: tuple[dict[str, Any], ...] = (
    {"kind": ModuleKind.TEXT, "title": "Who can apply, in ten lines", "minutes": 120, "text": "Write it for somebody who reads on a bus."},
    {"kind": ModuleKind.TASK, "title": "Cross out what decides nothing", "minutes": 120, "text": "Mark each question whose answer never changed a decision."},
    {"kind": ModuleKind.TASK, "title": "Lump sums, one example", "minutes": 120, "text": "Take the smallest grant of last year and put it as a lump sum."},
    {"kind": ModuleKind.TASK, "title": "Read it to a mayor", "minutes": 120, "text": "Read it aloud, and write down where you were asked what it means."},
)  # fmt: skip


def add() -> None:
    """Add what is not there yet."""
    organiser = Organisation.objects.filter(slug=_FOUNDING).first()
    if organiser is None or Course.objects.filter(is_demo=True).exists():
        return
    first = _course("first-course", organiser, _FIRST, days=20)
    session = Session.objects.public().latest_first().last()
    for position, (told, italian) in enumerate(_MODULES, start=1):
        module = Module(course=first, number=position, position=position, language="en", **told)
        if module.kind == ModuleKind.SESSION:
            module.session = session
            if session is None:
                module.kind = ModuleKind.TEXT
        module.save()
        questions = _ask(module) if module.kind == ModuleKind.QUIZ else {}
        if italian:
            _translate(first, "it", italian | questions, module)
    _translate(first, "it", _FIRST_IT)
    _translate(first, "de", _FIRST_DE, made=Made.MACHINE, service="LibreTranslate")
    second = _course("writing-a-call", organiser, _SECOND, days=5)
    for position, told in enumerate(_SECOND_MODULES, start=1):
        Module.objects.create(course=second, number=position, position=position, language="en", **told)
    begins = timezone.localdate() + timedelta(days=48)
    Cohort.objects.create(
        course=second,
        starts_on=begins,
        ends_on=begins + timedelta(days=21),
        capacity=24,
        note="four Thursdays",
        enrol_until=begins - timedelta(days=3),
    )
    _touch()


def _course(slug: str, organiser: Organisation, told: dict[str, Any], *, days: int) -> Course:
    at = timezone.now() - timedelta(days=days)
    return Course.objects.create(
        slug=PREFIX + slug,
        organiser=organiser,
        state=State.PUBLISHED,
        published_at=at,
        changed_at=at,
        is_demo=True,
        **told,
    )


def _ask(module: Module) -> dict[str, str]:
    """The questions, and their Italian words as a translation of the module holds them."""
    words: dict[str, str] = {}
    for position, (told, italian) in enumerate(_QUESTIONS, start=1):
        question = Question.objects.create(module=module, position=position, **told)
        words |= {f"q{question.pk}.{name}": text for name, text in italian.items()}
    return words


def _translate(
    course: Course,
    language: str,
    texts: dict[str, str],
    module: Module | None = None,
    *,
    made: str = Made.HUMAN,
    service: str = "",
) -> None:
    own, original = (course.texts, course.language) if module is None else (module.own_texts, module.language)
    Translation.objects.create(
        course=course,
        module=module,
        language=language,
        texts=texts,
        made=made,
        service=service,
        made_from=mark_of(own, original),
    )


def remove() -> None:
    """Take all of it away again."""
    _touch()
    for course in Course.objects.filter(is_demo=True):
        course.enrolments.all().delete()
        course.delete()


def _touch() -> None:
    for course in Course.objects.filter(is_demo=True):
        found.changed(course)
    versions.raise_()


def join_in() -> None:
    """Called once, when courses are ready."""
    demo.more.append((add, remove))
