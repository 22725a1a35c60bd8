"""Invented answers for `--demo`: one for each Member State, which holds for the whole country.

Marked as invented in their questions, their texts and what they rest on, and removable. The bodies are there; nobody of them
said this, and nobody asked it: there is no question behind them.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.questions.found import TYPE
from koinon.questions.models import Answer
from koinon.questions.models.answers import AnswerSet
from koinon.search import changes

BEGINS = "Demonstration: "
MARKS = {
    "bg": "измислено",
    "cs": "vymyšleno",
    "da": "opdigtet",
    "de": "erfunden",
    "el": "επινοημένο",
    "en": "invented",
    "es": "inventado",
    "fi": "keksitty",
    "fr": "inventé",
    "hr": "izmišljeno",
    "hu": "kitalált",
    "it": "inventato",
    "nl": "verzonnen",
    "pl": "wymyślone",
    "pt": "inventado",
    "ro": "inventat",
    "sk": "vymyslené",
    "sl": "izmišljeno",
    "sv": "påhittat",
}
"""How each language says that something is invented: at the end of the question, and before the answer."""

# Country, language, what was asked, what was answered, topics.
_SAID: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "AT",
        "de",
        "Wer hilft einer kleinen Gemeinde beim ersten Antrag?",
        "Wer schon einen geschrieben hat; eine Stunde am Telefon genügt für den Anfang.",
        ("call-for-proposals",),
    ),
    (
        "BE",
        "fr",
        "Deux communes peuvent-elles déposer un projet ensemble ?",
        "Oui : l’une signe, l’autre est partenaire.",
        ("call-for-proposals",),
    ),
    (
        "BG",
        "bg",
        "Може ли читалище да бъде партньор?",
        "Да, ако посочи едно лице за връзка.",
        ("library",),
    ),
    (
        "CY",
        "el",
        "Πού βρίσκουμε έναν δήμο που το έχει ήδη δοκιμάσει;",
        "Στη βιβλιοθήκη των πρακτικών· αρχίστε από τους δήμους του ίδιου μεγέθους.",
        ("mutual-learning",),
    ),
    (
        "CZ",
        "cs",
        "Může malá obec podat projekt společně se sousedy?",
        "Ano, jedna podepíše a ostatní jsou partneři.",
        ("call-for-proposals",),
    ),
    (
        "DE",
        "de",
        "Kann eine Gemeinde ohne eigenes Personal mitmachen?",
        "Ja, wenn eine Nachbargemeinde die Abrechnung übernimmt.",
        ("call-for-proposals",),
    ),
    (
        "DK",
        "da",
        "Hvor længe skal en afprøvning vare?",
        "Et halvt år er nok til at se, om nogen kommer igen.",
        ("evaluation",),
    ),
    (
        "EE",
        "en",
        "How do we ask people who never come to a meeting?",
        "Go where they are already, and ask one question only.",
        ("co-creation",),
    ),
    (
        "EL",
        "el",
        "Μπορούν δύο δήμοι να υποβάλουν μαζί μία πρόταση;",
        "Ναι: ο ένας υπογράφει και ο άλλος είναι εταίρος.",
        ("call-for-proposals",),
    ),
    (
        "ES",
        "es",
        "¿Quién guarda lo que se acuerda en una visita?",
        "Quien invita; todos lo reciben la misma semana.",
        ("mutual-learning",),
    ),
    (
        "FI",
        "fi",
        "Kuinka kauan kokeilun pitää kestää?",
        "Puoli vuotta riittää: silloin näkee, tuleeko joku takaisin.",
        ("evaluation",),
    ),
    (
        "FR",
        "fr",
        "Faut-il une évaluation dès la première année ?",
        "Non, mais notez dès le premier jour ce que vous voudrez comparer.",
        ("evaluation",),
    ),
    (
        "HR",
        "hr",
        "Tko čuva bilješke sa zajedničkih sastanaka?",
        "Onaj tko saziva; svi ih dobivaju istoga tjedna.",
        ("mutual-learning",),
    ),
    (
        "HU",
        "hu",
        "Ki hívja össze az első megbeszélést?",
        "Aki a kérdést feltette; három ember elég a kezdéshez.",
        ("co-creation",),
    ),
    (
        "IE",
        "en",
        "Who pays the travel to a visit among peers?",
        "Each side its own; the host gives the lunch.",
        ("mutual-learning",),
    ),
    (
        "IT",
        "it",
        "Come si misura un cambiamento con pochi mezzi?",
        "Con due domande alle stesse persone, all’inizio e dopo sei mesi.",
        ("impact-measurement",),
    ),
    (
        "LT",
        "en",
        "What do we show after the first year?",
        "How many came back, and what three of them say about it.",
        ("impact-measurement",),
    ),
    (
        "LU",
        "fr",
        "Dans quelle langue écrire à des partenaires de trois pays ?",
        "Dans la vôtre, avec un résumé de dix lignes dans la leur.",
        ("mutual-learning",),
    ),
    (
        "LV",
        "en",
        "Can an association be the first to write a project down?",
        "Yes; the municipality joins when there is a page to read.",
        ("co-creation",),
    ),
    (
        "MT",
        "en",
        "How small may a first try be?",
        "One street, one afternoon in the week, ten people.",
        ("evaluation",),
    ),
    (
        "NL",
        "nl",
        "Moet een bewonersgroep eerst een vereniging worden?",
        "Nee, een gemeente of stichting kan voor haar tekenen.",
        ("co-creation",),
    ),
    (
        "PL",
        "pl",
        "Czy sołectwo może być partnerem projektu?",
        "Tak, jeśli gmina podpisze w jego imieniu.",
        ("call-for-proposals",),
    ),
    (
        "PT",
        "pt",
        "Quem deve estar na primeira reunião?",
        "Quem usa o serviço, quem o presta e quem o paga.",
        ("co-creation",),
    ),
    (
        "RO",
        "ro",
        "Cum găsim un oraș care a încercat deja?",
        "În biblioteca de practici; începeți cu orașele de aceeași mărime.",
        ("mutual-learning",),
    ),
    (
        "SE",
        "sv",
        "Hur frågar man dem som aldrig kommer till ett möte?",
        "Gå dit där de redan är, och ställ en enda fråga.",
        ("co-creation",),
    ),
    (
        "SI",
        "sl",
        "Kako dolgo naj traja poskus?",
        "Pol leta; takrat se vidi, kdo se vrača.",
        ("evaluation",),
    ),
    (
        "SK",
        "sk",
        "Koho pozvať na prvé stretnutie?",
        "Tých, ktorí službu používajú, a jedného, kto o nej rozhoduje.",
        ("co-creation",),
    ),
)


def rows() -> AnswerSet:
    """All invented answers, also those that were taken off.

    They are known by how they were asked, which nobody can change, unlike text and sources; and have no question behind them.
    """
    ends = Q()
    for mark in MARKS.values():
        ends |= Q(asked__endswith=f"({mark})")
    return Answer.objects.filter(ends, question__isnull=True, asked__startswith=BEGINS)


def is_invented(answer: Answer) -> bool:
    """Whether it is one of them, without a query."""
    ends = tuple(f"({mark})" for mark in MARKS.values())
    return answer.question_id is None and answer.asked.startswith(BEGINS) and answer.asked.endswith(ends)


def add() -> None:
    """Add what is not there yet."""
    if rows().exists():
        return
    now = timezone.now()
    bodies: dict[str, Organisation] = {}
    for centre in Organisation.objects.centres().public().exclude(country="").order_by("country", "pk"):
        bodies.setdefault(centre.country, centre)
    places = Place.objects.in_bulk([country for country, *_rest in _SAID])
    said = [one for one in _SAID if one[0] in places]
    made = Answer.objects.bulk_create(
        Answer(
            asked=f"{BEGINS}{asked} ({MARKS[language]})",
            text=f"{MARKS[language].capitalize()}: {text}",
            language=language,
            asked_language=language,
            body=bodies.get(country),
            topics=list(topics),
            sources=[demo.SOURCE],
            published_at=now - timedelta(days=10 + 3 * at),
            changed_at=now - timedelta(days=10 + 3 * at),
        )
        for at, (country, language, asked, text, topics) in enumerate(said)
    )
    holds = Answer.places.through
    holds.objects.bulk_create(
        holds(answer_id=answer.pk, place_id=one[0]) for answer, one in zip(made, said, strict=True)
    )
    _touch()


def remove() -> None:
    """Take all of it away again."""
    _touch()
    rows().delete()


def _touch() -> None:
    changes.touch(TYPE, *(str(pk) for pk in rows().values_list("pk", flat=True)))
    versions.raise_()


def join_in() -> None:
    """Called once, when questions are ready."""
    demo.more.append((add, remove))
