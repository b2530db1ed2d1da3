"""Play recorded nights through the very engine that decides live ones. Needs no database."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from benchmarks_runner.stats import NightEngine, PointRule, aa_scale, margin

# e to the 50th: no two measurements of one thing are that far apart, and sums of squares stay numbers.
LARGEST = 50


class Command(BaseCommand):
    help = "Decide recorded nights: JSON lines in, JSON lines out. Exit status 2 and one line on bad input."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--input",
            required=True,
            type=Path,
            help='a night a line: {"night", "benchmarks": [{"id", "shard", "aa": [...], "pairs": [...]}]}, ln ratios',
        )
        parser.add_argument(
            "--output",
            required=True,
            type=Path,
            help='a night a line: {"night", "suite", "benchmarks": [{"id", "verdict", "pairs_used", "estimate", ...}]}',
        )
        parser.add_argument("--cap", type=int, default=40, help="rounds at the most (default 40)")

    def handle(self, *args: Any, input: Path, output: Path, cap: int, **options: Any) -> None:
        if cap < 1:
            raise CommandError(f"--cap must be at least 1, got {cap}", returncode=2)
        try:
            _write_whole(output, (json.dumps(night) for night in replayed(input, cap)))
        except BadInput as error:
            raise CommandError(_one_line(error), returncode=2) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {_one_line(error)}", returncode=2) from error


class BadInput(ValueError):
    """An input that cannot be read, or a line of it that no night can be read from."""


def replayed(input: Path, cap: int) -> Iterator[dict[str, Any]]:
    """Decide each line's night; raise BadInput naming file and line."""
    for number, line in enumerate(_lines(input), start=1):
        if line.strip():
            try:
                night = replay(json.loads(line), cap)
            except (ValueError, RecursionError) as error:
                raise BadInput(f"{input}, line {number}: {error}") from error
            yield night


def _lines(input: Path) -> Iterator[str]:
    try:
        with input.open(encoding="utf-8") as source:
            yield from source
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{input} cannot be read: {_one_line(error)}") from error


def replay(night: Any, cap: int) -> dict[str, Any]:
    """Feed a recorded night to the engine, round by round and only what it asks for, until it has decided."""
    benchmarks = _checked(night)
    rules = [_rule(benchmark) for benchmark in benchmarks]
    pairs = {benchmark["id"]: benchmark["pairs"] for benchmark in benchmarks}
    engine = NightEngine(rules, cap=cap)
    for round in range(1, min(cap, max(map(len, pairs.values()))) + 1):
        if engine.finished:
            break
        for point in engine.undecided:
            if round <= len(pairs[point]):
                engine.feed(point, round, pairs[point][round - 1])
        engine.close_round(round)
    verdict = engine.result()
    points = [
        {
            "id": point.point,
            "verdict": point.verdict,
            "pairs_used": point.pairs_used,
            "estimate": point.estimate,
            "low": point.low,
            "high": point.high,
        }
        for point in verdict.points
    ]
    return {"night": night["night"], "suite": verdict.suite.verdict, "benchmarks": points}


def _rule(benchmark: dict[str, Any]) -> PointRule:
    scale = aa_scale(benchmark["aa"])
    return PointRule(benchmark["id"], scale, margin(scale), benchmark.get("shard", 0))


def _checked(night: Any) -> list[dict[str, Any]]:
    """Return the night's benchmarks, or raise ValueError saying what is wrong with the first bad one."""
    if not isinstance(night, dict) or not isinstance(night.get("night"), str):
        raise ValueError('expected an object with "night" (a name) and "benchmarks"')
    benchmarks = night.get("benchmarks")
    if not isinstance(benchmarks, list) or not benchmarks:
        raise ValueError('"benchmarks" must be a list with at least one benchmark')
    for benchmark in benchmarks:
        if not isinstance(benchmark, dict) or not isinstance(benchmark.get("id"), str):
            raise ValueError('each benchmark must be an object with an "id" (a name)')
        if not isinstance(benchmark.get("shard", 0), int):
            raise ValueError(f'{benchmark["id"]}: "shard" must be a whole number')
        for key in ("aa", "pairs"):
            _check_numbers(benchmark, key)
    return benchmarks


def _check_numbers(benchmark: dict[str, Any], key: str) -> None:
    values = benchmark.get(key)
    if not isinstance(values, list):
        raise ValueError(f'{benchmark["id"]}: "{key}" must be a list of ln ratios')
    for value in values:
        if type(value) not in (float, int) or not abs(value) <= LARGEST:
            raise ValueError(
                f'{benchmark["id"]}: "{key}" holds {value!r:.60}, which is no ln ratio from -{LARGEST} to {LARGEST}'
            )


def _write_whole(target: Path, lines: Iterator[str]) -> None:
    """Write all lines or nothing: a reader never finds half a file under the name."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            for line in lines:
                out.write(line + "\n")
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())
