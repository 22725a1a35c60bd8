"""The table, as the harness reads it: straight from the file, so that a changed cell turns a test red."""

import csv
import re
from functools import cache

from koinon.base.governance import MATRIX

ACTORS = ("ANON", "PART", "INNO", "MA", "CED", "CMG", "CLD", "NCO", "ADM")
RIGHTS = "RCUDMPAXK"

# Denied is answered as missing where existence itself is not public (MATRIX.md §2); else as not allowed.
# B1, drafts of sessions: that there is one is nobody else's business, as with A2.
# A7, corrections: what was suggested, and by whom, is between the proposer and the owner.
# C1, C4, ordinary questions: of what lies at another's desk not even the number is told.
# E7, drafts of calls: as B1.
# E8, drafts of courses: as B1.
# E12, what is being prepared among a host and its peers: for nobody else.
# E1b, who is listed and what a person offers: nothing for who runs the machine.
# D7, an adoption that nobody has confirmed: it is between who recorded it and the origin.
# H5, webhooks: whom a body tells is its own business.
# N2, N4, drafts of news and newsletters: as B1.
# F2, N5, reports that were handed in, and logs: what a body did and reports is its own and its lead's.
# N8, closed spaces: only members learn that there is one. N10, proposals of spaces: as B1.
HIDDEN = {
    "E1b",
    "A2",
    "A7",
    "B1",
    "B3",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "D1",
    "D2",
    "D7",
    "E2",
    "E7",
    "E8",
    "E12",
    "F1",
    "F2",
    "H5",
    "N2",
    "N4",
    "N5",
    "N8",
    "N10",
}

# What a thing is to the actor. A tenant: its own, one of the same consortium, one of another. A person's thing: mine or not.
TENANTS = ("own", "sibling", "foreign")
# A question: at the desk of the own centre ("desk"), with the operators, or one is asked by name to handle it.
# Or it is reached by a code: who holds it, and who does not. Or it is the managing authority's own.
PERSONAL = ("mine", "another's")

_CODE = re.compile(rf"([{RIGHTS}])(?::([a-z]|4))?")
_REACH = {
    "": {*TENANTS, *PERSONAL, "holder", "authority", "reviewer", "source", "member", "hosting"},
    "o": {"mine", "authority"},
    "t": {"own", "desk", "mine"},
    # Host of this session.
    "h": {"own", "desk", "mine"},
    "c": {"own", "desk", "sibling", "mine"},
    "n": {
        *TENANTS,
        "desk",
        "operators",
        "mine",
        "authority",
        "invited",
        "reviewer",
        "source",
        "member",
        "hosting",
    },
    # Belongs to a space; looks after it.
    "j": {"member", "hosting"},
    "l": {"hosting"},
    # Asked by name to handle it; or it is an ordinary question at the desk where one works.
    "a": {"assigned", "desk"},
    # Invited to a session, or registered for it.
    "i": {"invited"},
    # Named to review this version.
    "v": {"reviewer"},
    # It was taken over from a practice of one's own.
    "s": {"source"},
    # Named for triage.
    "q": {"named"},
    # What lies with the operators of this installation.
    "p": {"operators"},
    # What came with a code is mine while I hold it.
    "k": {"holder", "mine"},
    # A second person is needed: nobody can do it alone over the web.
    "4": set(),
}


@cache
def cells() -> dict[tuple[str, str], str]:
    """(row, actor) → what stands in the file."""
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {(line["row"], line["actor"]): line["allow"] for line in csv.DictReader(file)}


def rows() -> list[str]:
    return list(dict.fromkeys(row for row, _ in cells()))


def codes(row: str, actor: str) -> list[tuple[str, str]]:
    """The rights of a cell with their scopes: `R:t C:t U` → (R, t), (C, t), (U, ""). Words in brackets explain; they give nothing."""
    plain = re.sub(r"\([^)]*\)", "", cells()[row, actor]).replace(",", " ")
    found = (_CODE.fullmatch(word) for word in plain.split())
    return [(match[1], match[2] or "") for match in found if match]


def rights(row: str) -> set[str]:
    """Every right that anybody has in a row."""
    return {right for actor in ACTORS for right, _ in codes(row, actor)}


def allows(row: str, actor: str, right: str, relation: str) -> bool:
    """Whether the table lets this actor do this to a thing that is this to it. A scope unknown to the harness is an error."""
    return any(relation in _REACH[scope] for given, scope in codes(row, actor) if given == right)
