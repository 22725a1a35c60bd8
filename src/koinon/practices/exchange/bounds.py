"""How much of a file is taken, and how it is said that it is more."""

from typing import Final

from django.utils.translation import gettext as _

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_UNPACKED: Final = 50 * 1024 * 1024
MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 200
MOST_PARTS: Final = 500
MOST_OF_A_CELL: Final = 50_000
MOST_ELEMENTS: Final = 600_000
"""Elements in one part of a workbook: 5 000 rows of 40 texts, each a cell and its value, have 400 000."""
MOST_OF_A_TAG: Final = 1024 * 1024


class Refused(Exception):
    """The file is not taken; the message is a whole sentence for the page."""


def too_many_rows() -> Refused:
    return Refused(_("The file has more than 5000 rows. Send it in parts."))


def too_many_columns() -> Refused:
    return Refused(_("A row has more than %(most)s columns.") % {"most": MOST_COLUMNS})


def cell_too_long(row: int) -> Refused:
    return Refused(_("Row %(row)s holds a cell that is too long.") % {"row": row})
