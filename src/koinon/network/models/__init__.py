"""What the network is made of: organisations and their ties in time, programmes, roles."""

from koinon.network.models.corrections import Confirmation, Correction, Load
from koinon.network.models.facts import Dated, Fact, Precision, Stand
from koinon.network.models.organisations import (
    Coverage,
    Membership,
    Organisation,
    Phase,
    Service,
)
from koinon.network.models.programmes import (
    Call,
    Contradiction,
    MemberState,
    Programme,
    ProgrammeArea,
)
from koinon.network.models.roles import Role

__all__ = [
    "Call",
    "Confirmation",
    "Contradiction",
    "Correction",
    "Coverage",
    "Dated",
    "Fact",
    "Load",
    "MemberState",
    "Membership",
    "Organisation",
    "Phase",
    "Precision",
    "Programme",
    "ProgrammeArea",
    "Role",
    "Service",
    "Stand",
]
