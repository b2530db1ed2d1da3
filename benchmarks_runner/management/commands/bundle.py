"""The command `bundle`: install, list, show, collect and remove exact sets of wheels."""

import argparse
import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from benchmarks_runner.actions.bundles import collect_bundles, install_bundle, remove_bundle, request_build
from benchmarks_runner.bundles import BundleError, NotInstalled, interpreter
from benchmarks_runner.bundles.specification import SpecificationError, parse
from benchmarks_runner.bundles.store import COPIES
from benchmarks_runner.models import Bundle

BY = "command line"
SPEC_HELP = "what is in it: torch==2.13.0 or torch==2.13.0,ATEN_CPU_CAPABILITY=default"


class Command(BaseCommand):
    """Install, list, show, collect and remove bundles."""

    help = "Bundles: exact sets of wheels and environment variables, each in an environment of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer one subcommand a verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="{install,list,show,collect,remove}")
        install = _verb(verbs, "install", "install a bundle, or find it installed", with_specification=True)
        install.add_argument("--copy", choices=COPIES, default="a", help="a, or the second copy b of A/A nights")
        _verb(verbs, "list", "list the bundles and what they take on disk")
        _verb(verbs, "show", "show a bundle's lock and where it is", with_specification=True)
        collect = _verb(verbs, "collect", "take the least recently used off the disk until the rest fits the budget")
        collect.add_argument("--dry-run", action="store_true", help="only say what would go")
        _verb(verbs, "remove", "take a bundle off the disk; its lock is kept", with_specification=True)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Do what the verb says; bad input is one line and status 2."""
        try:
            answer, text = getattr(self, verb)(options)
        except (SpecificationError, BundleError) as problem:
            raise CommandError(str(problem), returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError(
                "stopped; what is half made is not used, the next try mends it", returncode=130
            ) from None
        except OperationalError:
            raise CommandError(
                "the database does not answer: start the site (manage.py up), or set DATABASE_URL", returncode=2
            ) from None
        self.stdout.write(json.dumps(answer, indent=1) if options["json"] else text)
        if verb == "install" and answer["error"]:
            sys.exit(1)

    def install(self, options: dict[str, Any]) -> tuple[Any, str]:
        """Install a bundle here and now, telling how far it is."""
        # Read before the database is asked: what is written wrongly is wrong without one, too.
        canonical = parse(options["specification"]).canonical
        build = request_build(specification=canonical, by=BY)
        began = time.monotonic()
        bundle = install_bundle(bundle_id=build.bundle_id, copy=options["copy"], on_progress=_Teller(self.stderr))
        facts = _facts(bundle)
        if bundle.error:
            return facts, f"{bundle} is {bundle.state}: {bundle.error}"
        return facts, f"{bundle} is ready after {time.monotonic() - began:.1f} s: {facts['python'][options['copy']]}"

    def list(self, options: dict[str, Any]) -> tuple[Any, str]:
        """List every bundle that was ever asked for."""
        bundles = list(Bundle.objects.select_related("environment"))
        lines = [f"{bundle.state:<11} {_size(bundle):>9}  {bundle}" for bundle in bundles]
        return [_facts(bundle) for bundle in bundles], "\n".join(lines) or "There are no bundles yet."

    def show(self, options: dict[str, Any]) -> tuple[Any, str]:
        """Show one bundle with its lock."""
        bundle = _existing(options["specification"])
        facts = _facts(bundle) | {"lock": bundle.environment.lock if bundle.environment else []}
        lines = [f"{bundle}: {bundle.state}", *filter(None, [bundle.progress, bundle.error])]
        lines += [f"{copy}: {python}" for copy, python in facts["python"].items()]
        lines += [f"  {row['name']} {row['version']}  sha256:{row['sha256']}" for row in facts["lock"]]
        return facts, "\n".join(lines)

    def collect(self, options: dict[str, Any]) -> tuple[Any, str]:
        """Make room on disk, or say what would go."""
        plan = collect_bundles(by=BY, dry_run=options["dry_run"])
        removed = [{"environment": digest, "copies": list(copies)} for digest, copies in plan.removals]
        answer = {"removed": removed, "before_bytes": plan.before_bytes, "after_bytes": plan.after_bytes}
        what = "would go" if options["dry_run"] else "went"
        sizes = f"{_megabytes(plan.before_bytes)} before, {_megabytes(plan.after_bytes)} after"
        return answer, "\n".join([f"{row['environment'][:12]} {what}" for row in removed] + [sizes])

    def remove(self, options: dict[str, Any]) -> tuple[Any, str]:
        """Take one bundle off the disk."""
        bundle = remove_bundle(bundle=_existing(options["specification"]), by=BY)
        return _facts(bundle), f"{bundle} was taken off the disk; its lock is kept."


class _Teller:
    """Writes progress to a terminal on one line, to anything else a line for each new step."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._last = stream, ""

    def __call__(self, text: str, fraction: float | None) -> None:
        if self._stream.isatty():
            part = "    " if fraction is None else f"{fraction:4.0%}"
            self._stream.write(f"\r\x1b[K{part} {text}", ending="", style_func=str)
        elif text.partition(",")[0] != self._last:
            self._last = text.partition(",")[0]
            self._stream.write(self._last, style_func=str)


def _verb(verbs: Any, name: str, says: str, *, with_specification: bool = False) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=says, description=says)
    if with_specification:
        verb.add_argument("specification", metavar="SPEC", help=SPEC_HELP)
    verb.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    return verb


def _existing(specification: str) -> Bundle:
    bundle = Bundle.objects.filter(specification=parse(specification).canonical).first()
    if bundle is None:
        raise BundleError(f"there is no bundle {specification}: see `manage.py bundle list`")
    return bundle


def _facts(bundle: Bundle) -> dict[str, Any]:
    environment = bundle.environment
    return {
        "bundle": bundle.pk,
        "specification": bundle.specification,
        "state": bundle.state,
        "digest": bundle.digest,
        "environment": environment.digest if environment else "",
        "size_bytes": environment.size_bytes if environment else None,
        "python": {copy: str(python) for copy in COPIES if (python := _python(bundle, copy))},
        "error": bundle.error,
    }


def _python(bundle: Bundle, copy: Any) -> str:
    try:
        return str(interpreter(bundle, copy).python)
    except NotInstalled:
        return ""


def _size(bundle: Bundle) -> str:
    size = bundle.environment.size_bytes if bundle.environment else None
    return _megabytes(size) if size else "–"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
