"""What is there: calls, their cut-off dates, their conditions, their history."""

from koinon.calls.models.calls import Asked, Call, CallPlace, Change, Condition, Cutoff, tombstone

__all__ = ["Asked", "Call", "CallPlace", "Change", "Condition", "Cutoff", "tombstone"]
