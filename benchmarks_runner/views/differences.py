"""In what a night's two builds differ: variables, interpreter, packages, and what their processes said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks_runner.models import Attempt, Build, Night


@dataclass(frozen=True)
class Difference:
    """One fact in which two builds differ; an empty word is: it has none."""

    kind: str
    name: str
    baseline: str
    candidate: str


def night_difference(night: Night) -> list[Difference]:
    """Return everything known to differ between a night's builds; empty means: nothing."""
    return [
        *_differences("variable", night.baseline.bundle.variables, night.candidate.bundle.variables),
        *_differences("interpreter", _interpreter(night.baseline), _interpreter(night.candidate)),
        *_differences("package", _packages(night.baseline), _packages(night.candidate)),
        *_differences("framework", _framework(night, "baseline"), _framework(night, "candidate")),
    ]


def _differences(kind: str, baseline: Mapping[str, str], candidate: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(kind, name, baseline.get(name, ""), candidate.get(name, ""))
        for name in sorted({*baseline, *candidate})
        if baseline.get(name) != candidate.get(name)
    ]


def _packages(build: Build) -> dict[str, str]:
    """Return what is installed: a package of the same version but another wheel differs too."""
    environment = build.bundle.environment
    rows = environment.lock if environment else []
    return {row["name"]: f"{row['version']} ({row['sha256'][:12]}…)" for row in rows}


def _interpreter(build: Build) -> dict[str, str]:
    environment = build.bundle.environment
    return {"python": environment.python_version} if environment else {}


def _framework(night: Night, arm: str) -> dict[str, str]:
    """Return what this arm's first process to say so told of the framework, under dotted names."""
    told = Attempt.objects.filter(round__night=night, arm=arm, fingerprint__isnull=False)
    first = told.order_by("round__number", "number").values_list("fingerprint", flat=True).first()
    return _flat((first or {}).get("framework") or {})


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = str(value)[:300]
    return found
