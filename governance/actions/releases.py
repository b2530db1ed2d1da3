"""Writes about releases: plan one, name its evidence, sign it."""

import re

from django.db import IntegrityError, transaction
from django.utils import timezone

import record
from benchmarks_runner.models import Build, Night
from governance.gate import gate
from governance.models import Release, SignOff, User
from governance.policies.releases import check_may_plan_releases, check_may_sign, office_to_sign_by

VERSION = re.compile(r"[0-9][0-9A-Za-z.+!_-]*")


class ReleaseRefused(ValueError):
    """A release that cannot be planned so."""


@transaction.atomic
def plan_release(*, version: str, candidate: Build | None = None, night: Night | None = None, by: User) -> Release:
    """Plan a release: its version, and, as far as they are known, its candidate and the night that measures it.

    Raises:
        PermissionDenied: for who may not plan releases.
        ReleaseRefused: for a version that is none, or is planned already.
    """
    check_may_plan_releases(by)
    if not VERSION.fullmatch(version):
        raise ReleaseRefused(f"{version!r} is no version: write 2.14.0.")
    try:
        with transaction.atomic():
            release = Release.objects.create(version=version, candidate=candidate, night=night, planned_by=by)
    except IntegrityError as error:
        raise ReleaseRefused(f"{version} is planned already.") from error
    record.append(
        "release.planned",
        by=by,
        subject=f"release/{version}",
        summary=f"{by.get_username()} planned the release {version}.",
        data=evidence_named(release),
    )
    return release


@transaction.atomic
def name_evidence(*, release: Release, candidate: Build | None, night: Night | None, by: User) -> Release:
    """Name the candidate of a release and the night that measures it; signatures under other evidence stop counting."""
    check_may_plan_releases(by)
    release = Release.objects.select_for_update().get(pk=release.pk)
    if (release.candidate, release.night) == (candidate, night):
        return release
    release.candidate, release.night = candidate, night
    release.save()
    record.append(
        "release.evidence_named",
        by=by,
        subject=f"release/{release.version}",
        summary=f"{by.get_username()} named the evidence of {release.version}: {evidence_words(release)}.",
        data=evidence_named(release),
    )
    return release


def evidence_named(release: Release) -> dict[str, object]:
    """Return a release's candidate and night as the record keeps them."""
    return {
        "candidate": release.candidate.name if release.candidate else None,
        "night": release.night.pk if release.night else None,
    }


def evidence_words(release: Release) -> str:
    """Return a release's candidate and night in words."""
    candidate = release.candidate.name if release.candidate else "no candidate"
    return f"{candidate}, {f'night {release.night.pk}' if release.night else 'no night'}"


@transaction.atomic
def sign_off(*, release: Release, evidence: str, by: User) -> SignOff:
    """Sign a release under the evidence that the signer saw.

    Raises:
        PermissionDenied: for who holds no signing office today, or where the evidence is not complete.
        ReleaseRefused: where the evidence has changed since the signer saw it.
    """
    # Two signatures at once, or a signature beside a change of evidence, go one after the other.
    release = (
        Release.objects.select_for_update(of=("self",)).select_related("candidate__bundle", "night").get(pk=release.pk)
    )
    stands = gate(release)
    check_may_sign(by, release, stands)
    if stands.evidence != evidence:
        raise ReleaseRefused("The evidence has changed since you read it: read it again before you sign.")
    office = office_to_sign_by(by)
    # The policy and the gate have just said so.
    assert office is not None
    assert by.person is not None
    assert release.candidate is not None
    assert release.night is not None
    signature = SignOff.objects.create(
        release=release,
        candidate=release.candidate,
        night=release.night,
        evidence=evidence,
        signed_by=by,
        person=by.person,
        office=office,
        signed_at=timezone.now(),
    )
    record.append(
        "release.signed",
        by=by,
        subject=f"release/{release.version}",
        summary=f"{by.person.name} signed the release {release.version} as {office.name}.",
        data={**evidence_named(release), "evidence": evidence, "person": by.person.slug, "office": office.slug},
    )
    return signature
