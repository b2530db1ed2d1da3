"""Decide from paired differences what a night shows. Pure numbers: numpy and scipy, no Django."""

from benchmarks_runner.stats.night import NightEngine
from benchmarks_runner.stats.policy import PointRule, Policy
from benchmarks_runner.stats.scale import ClockChoice, aa_scale, choose_clock, margin
from benchmarks_runner.stats.standing_proof import StandingProof, standing_proof
from benchmarks_runner.stats.verdicts import NightVerdict, PointVerdict, SuiteVerdict

__all__ = [
    "ClockChoice",
    "NightEngine",
    "NightVerdict",
    "PointRule",
    "PointVerdict",
    "Policy",
    "StandingProof",
    "SuiteVerdict",
    "aa_scale",
    "choose_clock",
    "margin",
    "standing_proof",
]
