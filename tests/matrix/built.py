"""All probes, and what the harness has to know about some addresses."""

from tests.matrix.probes_agenda import PROBES as AGENDA
from tests.matrix.probes_agenda import ROWS_OF_ADDRESS as ROWS_OF_SESSIONS
from tests.matrix.probes_calls import PROBES as CALLS
from tests.matrix.probes_calls import ROWS_OF_ADDRESS as ROWS_OF_CALLS
from tests.matrix.probes_courses import PROBES as COURSES
from tests.matrix.probes_courses import ROWS_OF_ADDRESS as ROWS_OF_COURSES
from tests.matrix.probes_minutes import PROBES as MINUTES
from tests.matrix.probes_minutes import ROWS_OF_ADDRESS as ROWS_OF_MINUTES
from tests.matrix.probes_moderating import PROBES as MODERATING
from tests.matrix.probes_moderating import ROWS_OF_ADDRESS as ROWS_OF_MODERATING
from tests.matrix.probes_network import PROBES as NETWORK
from tests.matrix.probes_news import PROBES as NEWS
from tests.matrix.probes_news import ROWS_OF_ADDRESS as ROWS_OF_NEWS
from tests.matrix.probes_notices import PROBES as NOTICES
from tests.matrix.probes_peers import PROBES as PEERS
from tests.matrix.probes_peers import ROWS_OF_ADDRESS as ROWS_OF_PEERS
from tests.matrix.probes_people import PROBES as PEOPLE
from tests.matrix.probes_places import PROBES as PLACES
from tests.matrix.probes_practices import PROBES as PRACTICES
from tests.matrix.probes_practices import ROWS_OF_ADDRESS as ROWS_OF_PRACTICES
from tests.matrix.probes_questions import PROBES as QUESTIONS
from tests.matrix.probes_registration import PROBES as REGISTRATION
from tests.matrix.probes_reports import PROBES as REPORTS
from tests.matrix.probes_reports import ROWS_OF_ADDRESS as ROWS_OF_REPORTS
from tests.matrix.probes_reviews import PROBES as REVIEWS
from tests.matrix.probes_reviews import ROWS_OF_ADDRESS as ROWS_OF_REVIEWS
from tests.matrix.probes_room import PROBES as ROOM
from tests.matrix.probes_room import ROWS_OF_ADDRESS as ROWS_OF_ROOM
from tests.matrix.probes_spaces import PROBES as SPACES
from tests.matrix.probes_spaces import ROWS_OF_ADDRESS as ROWS_OF_SPACES
from tests.matrix.probes_webhooks import PROBES as WEBHOOKS
from tests.matrix.probing import Probe

PROBES: list[Probe] = [
    *PEOPLE,
    *NETWORK,
    *NOTICES,
    *PLACES,
    *PRACTICES,
    *QUESTIONS,
    *AGENDA,
    *CALLS,
    *REGISTRATION,
    *COURSES,
    *PEERS,
    *REVIEWS,
    *ROOM,
    *MODERATING,
    *MINUTES,
    *NEWS,
    *WEBHOOKS,
    *REPORTS,
    *SPACES,
]

# One address may show a thing in several states, each with a row of its own; the view names the first.
ROWS_OF_ADDRESS = {
    "network:organisation": {"A1", "A2", "A4"},
    "api:organisation": {"A1", "A2"},
    "network:edit": {"A1", "A2"},
    "network:publish": {"A1", "A2", "A4"},
    "notices:new": {"G1", "G4"},
    "notices:send": {"G1", "G4"},
    "notices:receipt": {"G1", "G3", "G4"},
    "support:mine": {"C2", "C3"},
    "support:request": {"C2", "C3"},
    "desk:case": {"C1", "C2"},
    **ROWS_OF_PRACTICES,
    **ROWS_OF_SESSIONS,
    **ROWS_OF_CALLS,
    **ROWS_OF_COURSES,
    **ROWS_OF_MODERATING,
    **ROWS_OF_MINUTES,
    **ROWS_OF_PEERS,
    **ROWS_OF_REVIEWS,
    **ROWS_OF_ROOM,
    **ROWS_OF_NEWS,
    **ROWS_OF_REPORTS,
    **ROWS_OF_SPACES,
}

# For public pages (P1) whose address holds a variable: what to put there, and what then answers.
SAMPLES: dict[str, tuple[dict[str, str], int]] = {
    "people:link": ({"secret": "unknown"}, 404),
    "account_inactive": ({}, 403),
    "api:api-root": ({}, 404),
    "practices:import_template": ({"ending": "csv"}, 200),
}
