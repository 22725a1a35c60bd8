"""The columns of a table of practices: their names in our files, what they hold, and what others call them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.text import fold


@dataclass(frozen=True)
class Column:
    """One column. `others`: what else it is called, in many languages."""

    name: str
    what: Any
    others: tuple[str, ...] = ()


ID = "id"
COLUMNS: tuple[Column, ...] = (
    Column(ID, _("The key that the row has where it comes from; the same key is the same practice."),
           ("external id", "key", "code", "kennung", "identifiant", "identificador", "tunniste")),
    Column("language", _("The language in which it is written: two letters."),
           ("lang", "sprache", "langue", "idioma", "lingua", "kieli", "taal", "jezyk")),
    Column("kind", _("worked or failed."), ("outcome", "art")),
    Column("title", _("The title, at most 200 letters."),
           ("name", "name of the practice", "good practice", "practice", "project", "project title", "title of the practice",
            "titel", "bezeichnung", "titre", "intitule", "titulo", "titolo", "otsikko", "nimi", "tytul", "nazwa", "naam",
            "nazev", "titlu", "заглавие", "τιτλοσ", "pealkiri", "teideal", "naslov", "cim", "pavadinimas", "nosaukums",
            "titlu tal prattika", "nazov", "naziv")),
    Column("summary", _("One sentence, at most 300 letters."),
           ("short description", "short summary", "practice in short", "description", "abstract", "kurzbeschreibung",
            "zusammenfassung", "resume", "description courte", "resumen", "descripcion breve", "resumo", "sintesi",
            "breve descrizione", "tiivistelma", "lyhyt kuvaus", "opis", "krotki opis", "samenvatting", "korte beschrijving",
            "sammanfattning", "kort beskrivning", "resume kort", "shrnuti", "zhrnutie", "povzetek", "sazetak", "rezumat",
            "резюме", "περιληψη", "kokkuvote", "achoimre", "osszefoglalo", "santrauka", "kopsavilkums", "sommarju")),
    Column("who", _("Who ran it."),
           ("organisation", "organization", "implementer", "main institution involved", "trager", "organisme", "organismo",
            "organizacion", "organizacao", "ente", "toteuttaja", "organizacja", "organisatie", "organisationen", "organizace",
            "organizacia", "organizacija", "organizatie", "организация", "οργανωση", "organisatsioon", "eagraiocht",
            "szervezet", "organizacija vykdytoja", "organizacija istenotaja", "organizzazzjoni")),
    Column("challenge", _("The challenge."),
           ("problem", "need", "challenge addressed", "problem addressed", "herausforderung", "ausgangslage", "defi",
            "probleme", "reto", "desafio", "sfida", "haaste", "ongelma", "wyzwanie", "uitdaging", "udfordring", "utmaning",
            "vyzva", "izziv", "izazov", "provocare", "предизвикателство", "προκληση", "valjakutse", "dushlan", "kihivas",
            "issukis", "izaicinajums", "sfida indirizzata")),
    Column("approach", _("What was done differently."),
           ("innovation", "approach innovation", "solution", "detailed information", "ansatz", "losung", "approche",
            "demarche", "enfoque", "solucion", "abordagem", "solucao", "approccio", "soluzione", "ratkaisu", "lahestymistapa",
            "podejscie", "aanpak", "tilgang", "losning", "tillvagagangssatt", "pristup", "reseni", "riesenie", "pristop",
            "abordare", "подход", "προσεγγιση", "lahenemisviis", "cur chuige", "megkozelites", "megoldas", "metodas", "pieeja",
            "approcc")),
    Column("steps", _("Step by step, one on each line.")),
    Column("targets", _("For whom: the codes of the library or its words, between ; or on lines."),
           ("target group", "target groups", "targets", "beneficiaries", "zielgruppe", "zielgruppen", "groupe cible",
            "public cible", "grupo destinatario", "grupo objetivo", "publico alvo", "destinatari", "gruppo target",
            "kohderyhma", "grupa docelowa", "doelgroep", "malgruppe", "malgrupp", "cilova skupina", "cielova skupina",
            "ciljna skupina", "grup tinta", "целева група", "ομαδα στοχοσ", "sihtruhm", "spriocghrupa", "celcsoport",
            "tiksline grupe", "merka grupa", "grupp fil mira")),
    Column("objectives", _("Objectives of the ESF+: letters a to m, between ;."), ("esf objective", "esf objectives")),
    Column("topics", _("Topics: keys or words of the field, between ;."), ("topic", "themen", "themes", "temas", "temi", "aiheet")),
    Column("places", _("Places: keys or names, between ; or on lines."),
           ("place", "location", "region", "regions", "country", "country region", "countries", "ort", "land", "standort",
            "lieu", "pays", "lugar", "pais", "local", "region pais", "luogo", "paese", "paikka", "alue", "maa", "miejsce",
            "kraj", "plaats", "sted", "plats", "misto", "zeme", "miesto", "krajina", "drzava", "tara", "loc", "място",
            "страна", "τοποσ", "χωρα", "koht", "riik", "ait", "tir", "hely", "orszag", "vieta", "salis", "valstybe",
            "valsts", "post", "pajjiz")),
    Column("stage", _("idea, tried, running, spread or ended."), ("status", "stand", "etat", "estado", "vaihe")),
    Column("level", _("local, regional, national, cross_border or european."), ("ebene", "niveau", "nivel", "taso")),
    Column("begun", _("The year in which it began."),
           ("start", "start year", "start date", "period", "beginn", "debut", "inicio", "inizio", "alku", "begin", "zacatek",
            "zaciatok", "zacetek", "pocetak", "inceput", "poczatek", "начало", "εναρξη", "algus", "tus", "kezdet", "pradzia",
            "sakums", "bidu", "laufzeit", "zeitraum")),
    Column("ended", _("The year in which it ended."),
           ("end", "end year", "end date", "ende", "fin", "fine", "fim", "loppu", "einde", "slut", "konec", "koniec",
            "kraj trajanja", "sfarsit", "край", "ληξη", "lopp", "deireadh", "veg", "vege", "pabaiga", "beigas", "tmiem")),
    Column("cost", _("under20, under100, under500 or more: thousands of euro in a year."), ()),
    Column("amount", _("The amount, in words."), ("budget", "kosten", "cout", "presupuesto", "bilancio", "budjetti")),
    Column("costs", _("What it is spent on, one on each line: what | amount.")),
    Column("funding", _("Who pays."),
           ("financing", "funding source", "finanzierung", "forderung", "financement", "financiacion", "financiamento",
            "finanziamento", "rahoitus", "finansowanie", "financiering", "finansiering", "financovani", "financovanie",
            "financiranje", "finantare", "финансиране", "χρηματοδοτηση", "rahastamine", "maoiniu", "finanszirozas",
            "finansavimas", "finansejums", "finanzjament")),
    Column("time_to_start", _("How long it took to start.")),
    Column("evidence", _("How well it is shown: 0 to 4."), ("evidence level",)),
    Column("evidence_kind", _("stories, monitoring, survey, before_after, comparison or experiment.")),
    Column("evidence_text", _("The evidence, in words."),
           ("evaluation", "evidence evaluation", "evidence and evaluation", "evidence of success", "evaluierung",
            "evaluacion", "avaliacao", "valutazione", "arviointi", "ewaluacja", "evaluatie", "evaluering", "utvardering")),
    Column("results", _("Results, one on each line: what | with it | before | how many people."),
           ("result", "impact", "outcomes", "results achieved", "ergebnisse", "wirkung", "resultats", "resultados",
            "risultati", "tulokset", "wyniki", "rezultaty", "resultaten", "resultater", "resultat", "vysledky", "rezultati",
            "rezultate", "резултати", "αποτελεσματα", "tulemused", "torthai", "eredmenyek", "rezultatai", "rezultati sasniegti",
            "rizultati")),
    Column("not_shown", _("What it does not show.")),
    Column("law", _("Which legal ground it needs."), ("legal", "recht")),
    Column("money", _("What it takes in money."),
           ("resources", "resources needed")),
    Column("staff", _("What it takes in staff."), ("personal", "personnel", "personale", "henkilosto")),
    Column("time_needed", _("Time until it shows an effect.")),
    Column("partners", _("Partners it needs."), ("partner", "partenaires", "socios", "partenariato", "kumppanit", "partnerzy")),
    Column("must_stay", _("What must stay.")),
    Column("may_change", _("What may change."),
           ("transferability", "transfer", "potential for learning or transfer", "ubertragbarkeit", "transferabilite",
            "transferibilidad", "trasferibilita", "siirrettavyys")),
    Column("stops", _("What stops it."),
           ("obstacles", "challenges encountered", "hindernisse", "obstaculos", "ostacoli")),
    Column("lessons", _("Lessons."), ("lessons learned", "lessons learnt", "erfahrungen", "enseignements", "lecciones", "lezioni")),
    Column("links", _("Links, one on each line: label | address."), ("link", "website", "url", "webseite", "site web", "sitio web", "sito web")),
)  # fmt: skip
NAMES = tuple(column.name for column in COLUMNS)
# Columns of our own exports that say something of the practice here, and are not taken in.
ONLY_OUT = ("address", "organisation_here", "state", "version", "published_on", "checked_on", "invented")

SIM: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Title", ("title",)),
    ("Short description", ("summary",)),
    ("Challenge", ("challenge",)),
    ("Approach / innovation", ("approach", "steps")),
    ("Target group", ("targets",)),
    ("Country / region", ("places",)),
    ("Funding", ("funding", "amount")),
    ("Partners", ("partners",)),
    ("Results", ("results",)),
    ("Evidence / evaluation", ("evidence", "evidence_kind", "evidence_text", "not_shown")),
    (
        "Transferability",
        ("law", "money", "staff", "time_needed", "must_stay", "may_change", "stops", "lessons"),
    ),
    ("Contact", ("who", "address")),
    ("Links", ("links",)),
    ("Period", ("begun", "ended")),
)
"""The headings of SIM's practice form as far as they are known, and what of ours goes beneath each."""


def guess(headers: list[str]) -> dict[str, int]:
    """Column → which of a file's headings most likely means it. No heading is used twice.

    Our own names come first, then what others call it, then what our form calls it in any of the 24 languages.
    """
    folded = [fold(header) for header in headers]
    found: dict[str, int] = {}
    for names in _names():
        for column in COLUMNS:
            at = next((folded.index(name) for name in names[column.name] if name in folded), None)
            if column.name not in found and at is not None and at not in found.values():
                found[column.name] = at
    return found


@cache
def _names() -> tuple[dict[str, tuple[str, ...]], ...]:
    return (
        {column.name: (fold(column.name),) for column in COLUMNS},
        {column.name: tuple(map(fold, column.others)) for column in COLUMNS},
        {column.name: _labels(column.name) for column in COLUMNS},
    )


def _labels(name: str) -> tuple[str, ...]:
    from koinon.practices.forms import ContentForm

    field = ContentForm.base_fields.get(name)
    if field is None:
        return ()
    found: dict[str, None] = {}
    for language in ENDONYMS:
        with translation.override(language):
            found[fold(str(field.label))] = None
    return tuple(found)
