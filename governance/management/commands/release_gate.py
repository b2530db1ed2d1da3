"""Say whether a release may ship: 0 may ship, 1 held, 2 error."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.gate import Gate, Requirement, gate
from governance.models import Release


class Command(BaseCommand):
    help = "Say whether a release may ship, and what holds it. Status 0: may ship; 1: held; 2: error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", help="the release, such as 2.14.0")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        release = Release.objects.filter(version=options["version"]).first()
        if release is None:
            raise CommandError(f"No release {options['version']} is planned.", returncode=2)
        stands = gate(release)
        if options["json"]:
            self.stdout.write(json.dumps(document(stands), ensure_ascii=False))
        else:
            self.stdout.write(words(stands))
        if not stands.may_ship:
            raise SystemExit(1)


def words(stands: Gate) -> str:
    """Write the gate for a terminal: the sentence, then each requirement with who can act."""
    lines = [stands.sentence]
    lines += [f"  {'met    ' if r.met else 'NOT MET'}  {r.words}{can_act(r)}" for r in stands.requirements]
    lines += [f"           {point.verdict}: {point.point}{maintained(point.areas)}" for point in stands.points]
    return "\n".join(lines)


def can_act(requirement: Requirement) -> str:
    """Say who can lift a requirement that is not met."""
    return f" Can act: {requirement.who}." if requirement.who and not requirement.met else ""


def maintained(areas: Any) -> str:
    """Say whose area a point is in."""
    names = [f"{area.name}: {', '.join(p.name for p in area.maintainers) or 'nobody'}" for area in areas]
    return f" ({'; '.join(names)})" if names else ""


def document(stands: Gate) -> dict[str, Any]:
    """Return the gate as one JSON document."""
    release = stands.release
    return {
        "version": release.version,
        "may_ship": stands.may_ship,
        "sentence": stands.sentence,
        "candidate": release.candidate.name if release.candidate else None,
        "night": release.night_id,
        "evidence": stands.evidence or None,
        "requirements": [
            {"name": r.name, "met": r.met, "words": r.words, "who": r.who or None} for r in stands.requirements
        ],
        "points": [
            {
                "point": point.point,
                "verdict": point.verdict,
                "reason": point.reason,
                "areas": [area.slug for area in point.areas],
                "maintainers": sorted({p.name for area in point.areas for p in area.maintainers}),
            }
            for point in stands.points
        ],
        "signatures": [
            {
                "person": signature.sign_off.person.name,
                "office": signature.sign_off.office.name,
                "at": signature.sign_off.signed_at.isoformat(),
                "counts": signature.counts,
                "words": signature.words,
            }
            for signature in stands.signatures
        ],
    }
