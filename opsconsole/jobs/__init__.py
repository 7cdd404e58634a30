"""What happens with nobody watching: which inbox kind runs which act, and the schedule."""

from . import inbox as inbox  # fills the routes
from .reconcile import compare
from .run import keep, settle
from .schedule import SCHEDULE, Scheduled, run_due

__all__ = ["SCHEDULE", "Scheduled", "compare", "keep", "run_due", "settle"]
