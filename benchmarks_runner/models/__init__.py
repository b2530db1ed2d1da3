"""Bundles and builds, machines and devices, nights with their rounds, attempts, samples and verdicts."""

from benchmarks_runner.models.build import Build
from benchmarks_runner.models.bundle import Bundle, Environment
from benchmarks_runner.models.machine import Device, Lease, Machine
from benchmarks_runner.models.night import Night, PlannedPoint, Round
from benchmarks_runner.models.sample import Attempt, Sample
from benchmarks_runner.models.verdict import Verdict

__all__ = [
    "Attempt",
    "Build",
    "Bundle",
    "Device",
    "Environment",
    "Lease",
    "Machine",
    "Night",
    "PlannedPoint",
    "Round",
    "Sample",
    "Verdict",
]
