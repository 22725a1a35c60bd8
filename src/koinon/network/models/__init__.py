"""What the network is made of: organisations and their ties in time, programmes, roles."""

from koinon.network.models.organisations import (
    Correction,
    Membership,
    Organisation,
    Programme,
)
from koinon.network.models.roles import Role

__all__ = ["Correction", "Membership", "Organisation", "Programme", "Role"]
