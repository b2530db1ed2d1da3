"""Reads of this room: what pages, commands and tasks ask. Nothing here changes a row."""

from benchmarks_runner.queries.documents import night_document
from benchmarks_runner.queries.evidence import Pair
from benchmarks_runner.queries.machines import aa_records, device_lease, machines
from benchmarks_runner.queries.nights import (
    clock_of,
    last_decided_night,
    night_verdicts,
    nights,
    pairs_of,
    recent_nights,
    suite_verdict,
)
from benchmarks_runner.queries.progress import NightProgress, night_progress
from benchmarks_runner.queries.sentences import night_sentence

__all__ = [
    "NightProgress",
    "Pair",
    "aa_records",
    "clock_of",
    "device_lease",
    "last_decided_night",
    "machines",
    "night_document",
    "night_progress",
    "night_sentence",
    "night_verdicts",
    "nights",
    "pairs_of",
    "recent_nights",
    "suite_verdict",
]
