"""Visits: a patient's answers, or a question about a prescription, before a clinician."""

from ._request import request

__all__ = ["request"]
