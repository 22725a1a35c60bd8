"""Invented practices for `--demo`: in several languages, one that failed, with versions, translations and a thread. Each Member
State has one that was done or taken over there. Marked as invented in their titles and on their pages, and removable.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.places.models import Place
from koinon.practices.content import Content, content_of, write
from koinon.practices.life import State
from koinon.practices.models import Adoption, Practice, Translation, Version
from koinon.practices.words import Cost, Evidence, EvidenceKind, Kind, Level, Stage, Target
from koinon.search import changes

PREFIX = demo.PREFIX
MARK = "Demonstration"

_DOOR: dict[str, Any] = {
    "title": "Demonstration: one door for young people out of work (invented)",
    "summary": "Three services share one street-level office and one first conversation, so that nobody has to tell"
    " their story twice.",
    "who": "An invented city, its employment office and a youth association",
    "challenge": "A nineteen-year-old who leaves school without work meets, on average, five counters: employment, youth,"
    " housing, health, benefits. Each asks for the same story. Many stop after the second.",
    "approach": "One shopfront on a tram line, open in the afternoon. The first conversation has no form. A coach from any of"
    " the three services writes one page that the young person corrects and keeps; with consent, the others read it.\n\n"
    "The services keep their budgets and staff. What they share is the room, the page and a meeting on Monday.",
    "steps": "Month 1: Two heads of service agree on the page.\nMonths 2–3: Find the room. Train eight coaches for four days.\n"
    "Month 4: Open for two afternoons a week.\nMonth 5: Open every afternoon.",
    "targets": (Target.NEET, Target.YOUNG),
    "objectives": ("a", "f", "h"),
    "topics": ("youth-employment", "one-stop-shop", "social-inclusion"),
    "stage": Stage.SPREAD,
    "level": Level.LOCAL,
    "begun": 2022,
    "cost": Cost.UNDER_100,
    "amount": "€60 000–85 000",
    "costs": "Room on a tram line, heated | €24 000\nCoordinator, half time | €31 000\n"
    "Training, interpreters, coffee | €9 500",
    "funding": "The city, and the ESF+ programme of its region",
    "time_to_start": "Five months",
    "evidence": Evidence.SEVERAL,
    "evidence_kind": EvidenceKind.BEFORE_AFTER,
    "evidence_text": "Two evaluations, both from outside.",
    "results": "In work or learning after twelve months, first city | 46 % | 31 % | 412\n"
    "In work or learning after twelve months, second city | 52 % | 44 % | 236\n"
    "Came back after the first visit, first city | 78 % | 49 % | 412",
    "not_shown": "Whether the jobs last.",
    "law": "A legal ground for sharing the page: consent, written and revocable.",
    "staff": "Eight coaches for four days of training; a coordinator for half the week.",
    "partners": "Employment office, youth service, housing service.",
    "must_stay": "No form in the first conversation. The page belongs to the young person.",
    "may_change": "Which services, how many afternoons, the age limit.",
    "stops": "No legal ground for sharing the page. Check this in month one.",
    "lessons": "Open in the afternoon from the first day: nobody comes in the morning.",
}
_FINNISH = {
    "title": "Demonstration: yksi ovi työttömille nuorille (keksitty)",
    "summary": "Kolme palvelua jakaa yhden katutason toimiston ja yhden ensimmäisen keskustelun.",
    "challenge": "Yhdeksäntoistavuotias, joka jää ilman työtä ja koulua, kohtaa keskimäärin viisi palvelutiskiä. Jokainen kysyy"
    " saman tarinan. Moni lopettaa toisen jälkeen.",
    "approach": "Yksi liiketila raitiolinjan varrella, auki iltapäivisin. Ensimmäisessä keskustelussa ei ole lomaketta.",
    "must_stay": "Ei lomaketta ensimmäisessä keskustelussa. Sivu kuuluu nuorelle.",
}
_GERMAN_BY_MACHINE = {
    "title": "Demonstration: eine Tür für junge Menschen ohne Arbeit (erfunden)",
    "summary": "Drei Dienste teilen sich ein Büro auf Straßenhöhe und ein erstes Gespräch.",
    "challenge": "Ein Neunzehnjähriger, der die Schule ohne Arbeit verlässt, trifft im Durchschnitt auf fünf Schalter.",
}
_OTHERS: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    (
        "care-at-night",
        ("BG",),
        {
            "language": "bg",
            "title": "Demonstration: грижа за деца през нощта (измислено)",
            "summary": "Кооператив на родители пази децата на хората, които работят на нощни смени.",
            "who": "Измислен кооператив на родители",
            "challenge": "Който работи нощем, няма къде да остави децата си. Майките отказват смени и губят работата си.",
            "approach": "Петнадесет семейства основаха кооператив. Две обучени жени приемат децата в общинска детска градина"
            " от осем вечерта до осем сутринта. Общината дава залите, заводът плаща половината от таксата.",
            "steps": "Месец 1: Среща със завода.\nМесеци 2–3: Обучение.\nМесец 4: Първата нощ.",
            "targets": (Target.CHILDREN, Target.WOMEN),
            "objectives": ("c", "f"),
            "topics": ("childcare", "work-life-balance", "cooperative"),
            "stage": Stage.RUNNING,
            "begun": 2023,
            "cost": Cost.UNDER_100,
            "amount": "€38 000",
            "time_to_start": "Четири месеца",
            "evidence": Evidence.OWN_DATA,
            "evidence_kind": EvidenceKind.MONITORING,
            "results": "Семейства, които ползват грижата | 42 | 0 | 42",
            "not_shown": "Дали жените остават на работа след първата година.",
            "law": "Общинската наредба трябва да позволява нощна грижа.",
            "must_stay": "Родителите решават кой пази децата.",
        },
    ),
    (
        "learning-contracts",
        ("SI", "DE"),
        {
            "language": "de",
            "title": "Demonstration: Lernverträge mit kleinen Betrieben (erfunden)",
            "summary": "Betriebe mit weniger als zehn Beschäftigten nehmen je eine Person auf; ein Coach besucht beide alle zwei"
            " Wochen.",
            "challenge": "Kleine Betriebe finden niemanden, und wer lange ohne Arbeit war, findet keinen Betrieb.",
            "approach": "Ein Vertrag zu dritt: Betrieb, lernende Person, Coach. Er nennt, was in sechs Monaten gelernt wird, und"
            " wer was bezahlt.",
            "targets": (Target.UNEMPLOYED, Target.LOW_SKILLED),
            "objectives": ("a", "g"),
            "topics": ("apprenticeship", "job-coaching"),
            "cost": Cost.UNDER_100,
            "amount": "€2 300 je Person",
            "time_to_start": "Drei Monate",
            "begun": 2021,
            "evidence": Evidence.OUTSIDE,
            "evidence_kind": EvidenceKind.COMPARISON,
            "results": "In Arbeit nach einem Jahr | 58 % | 37 % | 190",
            "not_shown": "Ob Betriebe auch ohne Zuschuss mitmachten.",
            "staff": "Ein Coach für zwölf Verträge.",
        },
    ),
    (
        "app-for-neighbours",
        ("NL",),
        {
            "language": "en",
            "kind": Kind.FAILED,
            "title": "Demonstration: an app for neighbours who help each other (invented)",
            "summary": "An app was to bring old people and helpers together; after a year eleven people used it.",
            "challenge": "Old people who live alone ask nobody for help with small things.",
            "approach": "A company built an app. Posters in the stairways told of it. Nobody went from door to door.",
            "targets": (Target.OLDER,),
            "objectives": ("k",),
            "topics": ("ageing", "volunteering", "loneliness"),
            "stage": Stage.ENDED,
            "begun": 2020,
            "ended": 2021,
            "cost": Cost.UNDER_500,
            "amount": "€140 000",
            "time_to_start": "Nine months",
            "evidence": Evidence.OWN_DATA,
            "results": "People who used it in a month | 11 | 0 | 4 000",
            "lessons": "The house keepers knew everybody who needed help. Nobody had asked them. Begin with them, and with a"
            " telephone.",
            "stops": "A thing to install before anybody has spoken to anybody.",
        },
    ),
    (
        "street-university",
        ("FR", "EL"),
        {
            "language": "fr",
            "title": "Demonstration: l’université de la rue (inventée)",
            "summary": "Des cours proposés par ceux qui les suivront, donnés là où ils sont déjà.",
            "challenge": "Les adultes sans diplôme ne franchissent pas la porte d’une école qui les a mis dehors.",
            "approach": "Chaque trimestre, une assemblée choisit six cours. Ils ont lieu dans un foyer, une laverie, un parc.",
            "targets": (Target.LOW_SKILLED, Target.MIGRANTS),
            "objectives": ("g", "i"),
            "topics": ("adult-learning", "participation"),
            "cost": Cost.UNDER_100,
            "amount": "€30 000–40 000",
            "time_to_start": "Quatre mois",
            "begun": 2019,
            "evidence": Evidence.TOLD,
            "must_stay": "Ceux qui suivent les cours les choisissent.",
        },
    ),
    (
        "repair-room",
        ("DK", "EE", "IE", "LT", "LV"),
        {
            "language": "en",
            "title": "Demonstration: a repair room run by people who were long out of work (invented)",
            "summary": "Neighbours bring what is broken; those who repair it with them are paid, and learn a trade.",
            "challenge": "Who has been out of work for years is asked for a certificate, not for what the hands can do.",
            "approach": "A room in a former shop, open on four days. Nothing is repaired for anybody, only together.",
            "targets": (Target.UNEMPLOYED,),
            "objectives": ("a", "h"),
            "topics": ("repair-cafe", "work-integration-enterprise"),
            "cost": Cost.UNDER_100,
            "begun": 2022,
            "evidence": Evidence.OWN_DATA,
            "evidence_kind": EvidenceKind.MONITORING,
            "results": "In work after a year | 14 | 0 | 31",
            "not_shown": "Whether they would have found work without it.",
            "must_stay": "Repair together, never for somebody.",
        },
    ),
    (
        "library-afternoon",
        ("ES", "IT", "PT"),
        {
            "language": "es",
            "title": "Demonstration: tardes digitales en la biblioteca (inventado)",
            "summary": "Jóvenes en prácticas ayudan a personas mayores a hacer sus trámites, sin hacerlos por ellas.",
            "challenge": "La cita, la receta y el recibo están en una pantalla, y la ventanilla ha cerrado.",
            "approach": "Dos tardes por semana, una mesa en la biblioteca. Quien viene lleva su teléfono y su trámite.",
            "targets": (Target.OLDER, Target.YOUNG),
            "objectives": ("g", "k"),
            "topics": ("digital-inclusion", "library", "older-people"),
            "cost": Cost.UNDER_20,
            "time_to_start": "Dos meses",
            "begun": 2021,
            "evidence": Evidence.TOLD,
            "must_stay": "El teclado lo toca la persona que pregunta.",
        },
    ),
    (
        "village-bus",
        ("HR", "HU", "RO"),
        {
            "language": "ro",
            "title": "Demonstration: autobuzul cu servicii pentru sate (inventat)",
            "summary": "Un autobuz aduce în fiecare săptămână asistentul social, asistenta medicală și cărțile.",
            "challenge": "Din satele mici, drumul până la primul ghișeu durează o zi.",
            "approach": "Patru comune împart un autobuz vechi și un orar. Oprește mereu în același loc, la aceeași oră.",
            "targets": (Target.RURAL, Target.OLDER),
            "objectives": ("k",),
            "topics": ("mobile-services", "rural-depopulation"),
            "cost": Cost.UNDER_100,
            "begun": 2020,
            "evidence": Evidence.OWN_DATA,
            "not_shown": "Dacă oamenii rămân în sat.",
            "must_stay": "Același loc, aceeași oră.",
        },
    ),
    (
        "neighbour-visits",
        ("CZ", "SK"),
        {
            "language": "cs",
            "title": "Demonstration: sousedé navštěvují sousedy (vymyšleno)",
            "summary": "Dobrovolníci z téhož domu chodí jednou týdně za lidmi, kteří žijí sami.",
            "challenge": "Kdo žije sám, neřekne si o pomoc, dokud není pozdě.",
            "approach": "Správce domu zná všechny. Obec mu zaplatí dvě hodiny týdně, aby sousedy seznámil.",
            "targets": (Target.OLDER,),
            "objectives": ("k",),
            "topics": ("loneliness", "volunteering"),
            "cost": Cost.UNDER_20,
            "begun": 2023,
            "evidence": Evidence.TOLD,
            "must_stay": "Začíná se u správce domu.",
        },
    ),
    (
        "newcomers-guide-newcomers",
        ("CY", "LU", "MT", "SE"),
        {
            "language": "en",
            "title": "Demonstration: newcomers show newcomers the way (invented)",
            "summary": "Who came a year ago goes along to the first five counters with who came last week, and is paid for it.",
            "challenge": "Leaflets in ten languages do not say which door is the right one.",
            "approach": "Twelve guides, each with six hours a week. They go along, they do not speak for anybody.",
            "targets": (Target.MIGRANTS, Target.REFUGEES),
            "objectives": ("i",),
            "topics": ("integration-of-newcomers", "mentoring"),
            "cost": Cost.UNDER_100,
            "begun": 2022,
            "evidence": Evidence.OUTSIDE,
            "evidence_kind": EvidenceKind.SURVEY,
            "not_shown": "What becomes of it after the second year.",
            "staff": "A coordinator for half the week.",
        },
    ),
)
_TAKEN_OVER: tuple[dict[str, Any], ...] = (
    {
        "place": "FI",
        "adopter_text": "Demonstration: a Finnish city (invented)",
        "stage": Adoption.Stage.RUNNING,
        "days": 1100,
        "changed": "Health is the third service, not housing. The page is kept in two languages.",
        "result": "52 % in work or learning after twelve months, from 44 %.",
    },
    {
        "place": "PL",
        "adopter_text": "Demonstration: a Polish city (invented)",
        "stage": Adoption.Stage.TRYING,
        "days": 190,
        "changed": "Two mornings are kept for people who come with a child.",
    },
    {
        "place": "AT",
        "adopter_text": "Demonstration: an Austrian town (invented)",
        "stage": Adoption.Stage.DROPPED,
        "days": 900,
        "changed": "Run by the employment office alone.",
        "dropped_because": "No legal ground was found for reading each other’s page; after a year each service kept its own.",
    },
)


def add() -> None:
    """Add what is not there yet."""
    if Practice.objects.filter(is_demo=True).exists():
        return
    door = _publish("one-door", ("BE",), _DOOR, days=700)
    _second_version(door)
    for slug, places, told in _OTHERS:
        _publish(slug, places, told, days=300)
    today = timezone.localdate()
    for one in _TAKEN_OVER:
        Adoption.objects.create(
            practice=door,
            place=Place.objects.get(pk=one["place"]),
            adopter_text=one["adopter_text"],
            stage=one["stage"],
            since=today - timedelta(days=one["days"]),
            changed=one["changed"],
            result=one.get("result", ""),
            dropped_because=one.get("dropped_because", ""),
            confirmed_at=timezone.now(),
        )
    _touch()


def _publish(slug: str, places: tuple[str, ...], told: dict[str, Any], *, days: int) -> Practice:
    now = timezone.now()
    practice = Practice.objects.create(
        slug=PREFIX + slug,
        state=State.PUBLISHED,
        published_at=now - timedelta(days=days),
        checked_on=timezone.localdate() - timedelta(days=60),
        is_demo=True,
    )
    content = Content(**told, places=tuple(Place.objects.filter(pk__in=places)))
    version = Version(
        practice=practice, number=1, state=State.PUBLISHED, changed_at=now - timedelta(days=days)
    )
    write(version, content)
    practice.shown = version
    practice.save(update_fields=["shown"])
    return practice


def _second_version(door: Practice) -> None:
    """The door was told anew: the Finnish translation is of today, the German one by a machine is of the version before."""
    first = door.shown
    assert first is not None
    now = content_of(first)
    before = replace(now, challenge=now.challenge.replace("five counters", "several counters"), evidence=3)
    write(first, before)
    second = Version(practice=door, number=2, state=State.PUBLISHED)
    write(second, now)
    door.shown = second
    door.save(update_fields=["shown"])
    Translation.objects.create(version=second, language="fi", texts=_FINNISH)
    Translation.objects.create(
        version=first,
        language="de",
        texts=_GERMAN_BY_MACHINE,
        made=Translation.Made.MACHINE,
        service="LibreTranslate",
    )


def remove() -> None:
    """Take all of it away again."""
    _touch()
    Practice.objects.filter(is_demo=True).delete()


def _touch() -> None:
    changes.touch("practice", *Practice.objects.filter(is_demo=True).values_list("slug", flat=True))
    versions.raise_()


def join_in() -> None:
    """Called once, when practices are ready."""
    demo.more.append((add, remove))
