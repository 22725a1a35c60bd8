"""The table as the documentation shows it, made from `matrix.csv` and from what the harness knows to be built.

`python -m tests.matrix.documenting` writes it into docs/permissions.md; a test says when that is due.
"""

from pathlib import Path

from tests.matrix.not_built import RIGHTS_NOT_BUILT, ROWS_NOT_BUILT
from tests.matrix.table import ACTORS, cells, rows

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
BEGIN, END = "<!-- the table: made by tests/matrix/documenting.py -->", "<!-- end of the table -->"

# What each row is about; the codes stand in the file alone.
NAMES = {
    "A1": "Centre or organisation, published",
    "A2": "Centre or organisation, draft",
    "A3": "Internal contacts of a centre",
    "A4": "Consortium's page",
    "A5": "Register of places, coverage of a centre",
    "A6": "Making, merging, deleting a tenant",
    "A7": "Suggested correction",
    "A8": "Confirming the facts",
    "B1": "Session, draft",
    "B2": "Session, published",
    "B3": "Session for members or invited",
    "B4": "Registration, attendee list",
    "B5": "Question, submitting",
    "B6": "Question, pending",
    "B7": "Question, released",
    "B8": "Question, hidden or rejected",
    "B9": "Who is behind an anonymous question",
    "B10": "Name behind 'hide my name'",
    "B11": "Vote on a question",
    "B12": "Who voted for what",
    "B13": "Host's view and notes",
    "B14": "Live stream",
    "B15": "Recording, captions, transcript",
    "B16": "A speaker's own part, by the private link",
    "B17": "A person's calendar of sessions",
    "C1": "Request, ordinary",
    "C2": "Request, confidential: content",
    "C3": "Request, confidential: that there is one",
    "C4": "Internal note",
    "C5": "Attachment",
    "C6": "Answer as public guidance",
    "D1": "Practice, draft",
    "D2": "Practice, in review",
    "D3": "Reviewer's note and identity",
    "D4": "Practice, published",
    "D5": "Practice, withdrawn",
    "D6": "Practice in another language",
    "D7": "Adoption, waiting to be confirmed",
    "D8": "Adoption, confirmed",
    "E1a": "Offer or need of a body",
    "E1b": "Match profile of a person",
    "E2": "Message between two who matched",
    "E3": "Course, published",
    "E4": "Enrolment, progress",
    "E5": "Certificate",
    "E8": "Course, draft",
    "E6": "Call for proposals, published",
    "E7": "Call for proposals, draft",
    "E9": "Agreed exchange, public part",
    "E10": "Partner search for a call",
    "E11": "Peer review, published",
    "E12": "Peer review in preparation, inner papers",
    "F1": "Report, draft",
    "F2": "Report, submitted",
    "F3": "Network figures",
    "G1": "Notice about content",
    "G2": "Notice, handling",
    "G3": "Decision, complaint",
    "G4": "Accessibility or privacy feedback",
    "H1": "One's own account",
    "H2": "Another's account",
    "H3": "Granting a role",
    "H4": "API token",
    "H5": "Webhook",
    "H6": "Bulk import",
    "H7": "Bulk export",
    "H8": "Journal",
    "H9": "Seeing as somebody else",
    "H10": "Settings, backup",
    "N1": "News, published",
    "N2": "News, draft",
    "N3": "One's own follows",
    "N4": "Newsletter, before it is sent",
    "N5": "Log of a body’s activities",
    "N9": "Newsletter, sent",
    "N7": "Space, open",
    "N8": "Space, closed",
    "N10": "Space, proposed",
}


def state(row: str) -> str:
    """Whether the row is built, and what of it is not."""
    if row in ROWS_NOT_BUILT:
        return ROWS_NOT_BUILT[row]
    missing = [right for of, right in RIGHTS_NOT_BUILT if of == row]
    return f"built, but for {', '.join(missing)}" if missing else "built"


def table() -> str:
    """The whole table in Markdown."""
    lines = [f"| # | What | {' | '.join(ACTORS)} | State |", f"|---|---|{'---|' * len(ACTORS)}---|"]
    for row in rows():
        allowed = " | ".join(cells()[row, actor].replace("|", "\\|") for actor in ACTORS)
        lines.append(f"| {row} | {NAMES[row]} | {allowed} | {state(row)} |")
    return "\n".join(lines)


def page() -> str:
    """The page with its table as it must be now."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
