"""The gate of a release: what it requires, what the night says to that, and who can act.

Nothing passes by silence: what is missing, undecided or inconclusive holds the release as a failure does.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.urls import reverse
from django.utils import timezone
from packaging.version import InvalidVersion, Version

from benchmarks_runner.models import Build, Night, Verdict
from benchmarks_runner.providers import AreaNote, PersonNote, areas_of
from ci_gpu.catalogue import POINTS
from governance.area_notes import person_note
from governance.models import Release, SignOff
from governance.queries.offices import offices_that_sign, terms_on
from record.chain import canonical, plain

# Worst first: the order in which a page lists them.
HOLDING = (Verdict.Word.BROKEN, Verdict.Word.FAIL, Verdict.Word.INCONCLUSIVE, "")


@dataclass(frozen=True)
class Requirement:
    """One thing that the gate requires: whether it is met, in words, and who can act where it is not."""

    name: str
    met: bool
    words: str
    who: str = ""
    url: str = ""


@dataclass(frozen=True)
class HeldPoint:
    """A point that holds the release, with the areas whose maintainers can act."""

    point: str
    verdict: str
    reason: str
    areas: tuple[AreaNote, ...]
    url: str


@dataclass(frozen=True)
class Signature:
    """A signature, and whether it counts today."""

    sign_off: SignOff
    counts: bool
    words: str


@dataclass(frozen=True)
class Gate:
    """What stands between a release and its shipping."""

    release: Release
    requirements: tuple[Requirement, ...]
    points: tuple[HeldPoint, ...]
    signatures: tuple[Signature, ...]
    signatories: tuple[PersonNote, ...]
    evidence: str

    @property
    def may_ship(self) -> bool:
        return all(requirement.met for requirement in self.requirements)

    @property
    def evidence_is_complete(self) -> bool:
        """Say whether all but the signature is met, so that there is something to sign."""
        return all(requirement.met for requirement in self.requirements if requirement.name != "signature")

    @property
    def reasons(self) -> list[Requirement]:
        return [requirement for requirement in self.requirements if not requirement.met]

    @property
    def sentence(self) -> str:
        """Say whether the release may ship, or what holds it."""
        if self.may_ship:
            said = {requirement.name: requirement.words for requirement in self.requirements}
            return f"{self.release} may ship. {said['points']} {said['signature']}"
        return f"{self.release} is held. {self.reasons[0].words}{more(len(self.reasons) - 1)}"


def more(count: int) -> str:
    """Say how many further reasons there are."""
    return f" {count} more requirement{'s are' if count > 1 else ' is'} not met." if count else ""


def gate(release: Release, on: date | None = None) -> Gate:
    """Return the gate of a release as it stands on a day; today, where none is given."""
    on = on or timezone.localdate()
    verdicts = verdicts_of(release.night)
    evidence = evidence_digest(release, verdicts)
    signatures = tuple(signature(sign_off, evidence, on) for sign_off in signatures_of(release))
    requirements = [candidate(release), night(release), points(release, verdicts), suite(release, verdicts)]
    complete = all(requirement.met for requirement in requirements)
    return Gate(
        release=release,
        requirements=(*requirements, signed(signatures, complete)),
        points=held_points(release.night, verdicts),
        signatures=signatures,
        signatories=tuple(person_note(term) for term in terms_on(on).filter(office__signs_releases=True)),
        evidence=evidence,
    )


def verdicts_of(measured: Night | None) -> list[Verdict]:
    """Return what a night says, the suite included; nothing where there is no night."""
    return list(measured.verdicts.order_by("point")) if measured else []


def signatures_of(release: Release) -> list[SignOff]:
    """Return a release's signatures with their people and offices."""
    return list(release.signatures.select_related("person", "office", "signed_by"))


def candidate(release: Release) -> Requirement:
    """Require a candidate build that is a build of this version."""
    build = release.candidate
    if build is None:
        return Requirement("candidate", False, "No candidate build is named.", "who plans the release")
    url = reverse("benchmarks_runner:build", args=[build.pk])
    if build.kind == Build.Kind.SAMPLE:
        words = f"{build.name} was changed on purpose, as a sample: it is never shipped."
        return Requirement("candidate", False, words, "who plans the release", url)
    if is_development(build.version):
        words = f"{build.name} is a development build: it may become {release.version}, and is never shipped as it."
        return Requirement("candidate", False, words, "who plans the release", url)
    if not same_version(build.version, release.version):
        words = f"{build.name} is a build of {build.version}, not of {release.version}."
        return Requirement("candidate", False, words, "who plans the release", url)
    return Requirement("candidate", True, f"The candidate is {build.name}.", url=url)


def same_version(built: str, released: str) -> bool:
    """Say whether a build's version, such as 2.14.0rc3, leads to a release's version, such as 2.14.0 or 2.14."""
    try:
        found, wanted = Version(built), Version(released)
    except InvalidVersion:
        return built == released
    # A candidate leads to the final version; what was built on top, such as +cpu, is the same source.
    return wanted in (Version(found.public), Version(found.base_version if found.pre else found.public))


def is_development(built: str) -> bool:
    """Say whether a build was made on the way to a version, from no source that was ever tagged."""
    try:
        return Version(built).is_devrelease
    except InvalidVersion:
        return False


def night(release: Release) -> Requirement:
    """Require a decided night that compares this candidate with another build, itself as it was released."""
    measured = release.night
    if measured is None:
        return Requirement("night", False, "No night is named that measures the candidate.", "who may run nights")
    url = reverse("benchmarks_runner:night", args=[measured.pk])
    if release.candidate_id != measured.candidate_id:
        words = f"Night {measured.pk} measures {measured.candidate}, not the candidate."
        return Requirement("night", False, words, "who plans the release", url)
    if measured.kind != Night.Kind.COMPARISON or measured.baseline_id == measured.candidate_id:
        words = f"Night {measured.pk} compares a build with itself, so it says nothing of the candidate."
        return Requirement("night", False, words, "who plans the release", url)
    if measured.baseline.kind == Build.Kind.SAMPLE:
        words = f"Night {measured.pk} compares with {measured.baseline}, a sample that was changed on purpose."
        return Requirement("night", False, words, "who plans the release", url)
    if measured.state != Night.State.DECIDED:
        words = f"Night {measured.pk} is {measured.get_state_display().lower()}, not decided."
        return Requirement("night", False, words, "who may run nights", url)
    imported = ", imported from a results file" if measured.results_digest else ""
    words = f"Night {measured.pk} compared it with {measured.baseline} on {measured.ended_at:%-d %B %Y}{imported}."
    return Requirement("night", True, words, url=url)


def suite(release: Release, verdicts: Sequence[Verdict]) -> Requirement:
    """Require that the suite as a whole passes."""
    said = next((verdict for verdict in verdicts if not verdict.point), None)
    url = reverse("benchmarks_runner:night", args=[release.night_id]) if release.night_id else ""
    if said is None or not said.verdict:
        return Requirement("suite", False, "There is no verdict on the suite as a whole.", "who may run nights", url)
    if said.verdict != Verdict.Word.PASS:
        reason = f": {said.reason}" if said.reason else "."
        return Requirement(
            "suite",
            False,
            f"The verdict on the suite as a whole is {said.verdict}{reason}",
            "the core maintainers",
            url,
        )
    return Requirement("suite", True, "The suite as a whole passed.", url=url)


def points(release: Release, verdicts: Sequence[Verdict]) -> Requirement:
    """Require a pass of every point that was planned."""
    words = Counter(verdict.verdict for verdict in verdicts if verdict.point)
    planned = release.night.planned_points.count() if release.night else 0
    missing = max(planned - words.total(), 0)
    words[""] += missing
    total = words.total()
    if not total:
        return Requirement("points", False, "No point has been measured.", "who may run nights")
    if words[Verdict.Word.PASS] == total:
        return Requirement("points", True, f"All {total} points passed.")
    who = "the maintainers of the areas below, by a better candidate or a longer night"
    return Requirement("points", False, counted(words, total), who)


def counted(words: Counter[str], total: int) -> str:
    """Say how many points hold the release, and how."""
    names = {"": "undecided", Verdict.Word.FAIL: "slower", Verdict.Word.BROKEN: "broken"}
    parts = [f"{words[word]} {names.get(word, word)}" for word in HOLDING if words[word]]
    holding = total - words[Verdict.Word.PASS]
    return f"{holding} of {total} points did not pass: {', '.join(parts)}."


def held_points(measured: Night | None, verdicts: Sequence[Verdict]) -> tuple[HeldPoint, ...]:
    """Return the points that hold the release, the worst first, with their areas."""
    holding = [verdict for verdict in verdicts if verdict.point and verdict.verdict != Verdict.Word.PASS]
    holding.sort(key=lambda verdict: (HOLDING.index(verdict.verdict), verdict.point))
    return tuple(held_point(measured, verdict) for verdict in holding if measured)


def held_point(measured: Night, verdict: Verdict) -> HeldPoint:
    """Return one point that holds the release."""
    known = POINTS.get(verdict.point)
    url = reverse("benchmarks_runner:point", args=[measured.pk, verdict.point])
    areas = tuple(areas_of(known.areas)) if known else ()
    return HeldPoint(verdict.point, verdict.verdict or "undecided", verdict.reason, areas, url)


def evidence_digest(release: Release, verdicts: Sequence[Verdict]) -> str:
    """Return the SHA-256 of what is signed: candidate, night and every verdict; empty without a night."""
    if release.candidate is None or release.night is None:
        return ""
    evidence = {
        "release": release.version,
        "candidate": {"name": release.candidate.name, "digest": release.candidate.bundle.digest},
        "baseline": {"name": release.night.baseline.name, "digest": release.night.baseline.bundle.digest},
        "night": release.night.pk,
        "suite": release.night.suite,
        "suite_version": release.night.suite_version,
        "verdicts": [
            {"point": v.point, "verdict": v.verdict, "estimate": v.estimate, "low": v.low, "high": v.high}
            for v in verdicts
        ],
    }
    return sha256(canonical(plain(evidence)).encode()).hexdigest()


def signature(sign_off: SignOff, evidence: str, on: date) -> Signature:
    """Say whether a signature counts: under today's evidence, by somebody who holds a signing office today."""
    if sign_off.evidence != evidence:
        return Signature(sign_off, False, "signed under other evidence: another candidate, night or verdict")
    if not offices_that_sign(sign_off.person, on).exists():
        return Signature(sign_off, False, "holds no office today that signs releases")
    return Signature(sign_off, True, f"signed as {sign_off.office}")


def signed(signatures: Sequence[Signature], complete: bool) -> Requirement:
    """Require one signature that counts."""
    who = "the lead and the core maintainers"
    counting = [signature.sign_off.person.name for signature in signatures if signature.counts]
    if counting:
        return Requirement("signature", True, f"{' and '.join(counting)} signed.")
    if not complete:
        return Requirement("signature", False, "Nobody can sign before the evidence is complete.", who)
    return Requirement("signature", False, "Nobody has signed.", who)
