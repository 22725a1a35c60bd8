"""What is there: activities of bodies, and the periodic reports made of them."""

from koinon.reports.models.activities import Activity
from koinon.reports.models.reports import PeriodReport

__all__ = ["Activity", "PeriodReport"]
