"""Ask for a night, bring it to its first round, and cancel, repeat or extend it."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from benchmarks_runner import policies
from benchmarks_runner.actions.bundles import request_build, request_bundle
from benchmarks_runner.actions.closing import measured_seconds, stop_night
from benchmarks_runner.actions.installing import unfit, wake_lacking
from benchmarks_runner.actions.machines import register_this_machine
from benchmarks_runner.actions.moves import Actor, actor_name, locked_night, move_night
from benchmarks_runner.actions.plans import freeze_plan, new_policy, plan_round, points_for, points_on
from benchmarks_runner.actions.wakeups import wake
from benchmarks_runner.bundles.specification import parse
from benchmarks_runner.models import Build, Bundle, Device, Night, Round
from benchmarks_runner.models.states import NIGHT_MOVES, finished
from benchmarks_runner.queries import installed
from benchmarks_runner.queries.installed import Copy
from benchmarks_runner.queries.replay import replayed
from benchmarks_runner.queries.scales import noise_of
from ci_gpu.catalogue import SUITES
from record.actions import append

# What nobody compared for this long needs no fresh A/A pairs.
STILL_COMPARED = timedelta(weeks=4)


class NightRefused(ValueError):
    """A night that cannot be asked for; the message is one line that says what to write instead."""


def request_night(
    *,
    baseline: str,
    candidate: str,
    suite: str = "smoke",
    device: Device | None = None,
    by: Actor,
    again: bool = False,
    cap: int | None = None,
) -> Night:
    """Ask for a comparison of two builds; the same request again returns the same night, unless it is to be `again`.

    `baseline` and `candidate` are specifications (torch==2.13.0,VAR=value) or names of builds.

    Raises:
        NightRefused: for an unknown suite, a device or framework that it has no points for, or a device out of use.
        SpecificationError: for a specification that cannot be a bundle.
    """
    _check_suite(suite, cap)
    device = device or default_device(by=by)
    _check_builds(baseline, candidate, suite, device)
    builds = [_build(text, by) for text in (baseline, candidate)]
    return _night(Night.Kind.COMPARISON, builds[0], builds[1], suite, device, by, again=again, cap=cap)


def request_aa_night(
    *, build: Build, suite: str, device: Device, by: Actor, again: bool = False, threads: int = 1
) -> Night:
    """Ask for five A/A pairs of a build against its own second copy."""
    _try_again(build, by)
    return _night(Night.Kind.AA, build, build, suite, device, by, again=again, threads=threads)


def default_device(*, by: Actor = None) -> Device:
    """Return this machine's CPUs."""
    return register_this_machine(by=by).devices.get(kind=Device.Kind.CPU)


def _check_suite(suite: str, cap: int | None) -> None:
    if suite not in SUITES:
        raise NightRefused(f"There is no suite {suite!r}: choose one of {', '.join(sorted(SUITES))}.")
    if cap is not None and not 1 <= cap <= 1000:
        raise NightRefused("The cap of rounds is a number from 1 to 1000.")


def _check_in_use(device: Device) -> None:
    """Refuse a device that nobody may measure on: the night would wait for ever."""
    device.refresh_from_db(fields=["state", "state_reason"])
    if device.state == Device.State.QUARANTINED:
        raise NightRefused(out_of_use(device))


def out_of_use(device: Device) -> str:
    """Say why a device is out of use, and who ends that."""
    return (
        f"{device} is out of use: {device.state_reason} Once somebody has looked at the machine, an administrator puts "
        f"it back into use under /admin/benchmarks_runner/device/."
    )


def _check_points(suite: str, framework: str, device: Device) -> None:
    if not points_on(suite, framework, device):
        raise NightRefused(f"The suite {suite} has no point for {framework} on {device.address}.")


def _check_builds(baseline: str, candidate: str, suite: str, device: Device) -> None:
    """Refuse what cannot be measured before a bundle is asked for."""
    known = [known_build(text) for text in (baseline, candidate)]
    _check_points(suite, known[0].framework if known[0] else parse(baseline).framework[0], device)
    if None in known:
        _check_in_use(device)


def known_build(text: str) -> Build | None:
    """Return the build of this name or specification; None where it would be a new one.

    Raises:
        SpecificationError: for what is neither a name nor a specification.
    """
    builds = Build.objects.select_related("bundle")
    named = builds.filter(name=text.strip()).first()
    return named or builds.filter(bundle__specification=parse(text).canonical).first()


def _build(text: str, by: Actor) -> Build:
    """Return the build of this name, or the one that this specification makes; let a broken one be tried again.

    It is committed before the night is asked for: who holds the record must not wait for a row, and to ask for a
    bundle writes into the record.
    """
    known = known_build(text)
    if known is None:
        return request_build(specification=text, by=actor_name(by))
    _try_again(known, by)
    return known


def _try_again(build: Build, by: Actor) -> None:
    """Let the installation of a broken bundle be tried again: the index or the disk may have changed."""
    if build.bundle.state == Bundle.State.BROKEN:
        build.bundle = request_bundle(specification=build.bundle.specification, by=by)


@transaction.atomic
def _night(
    kind: str,
    baseline: Build,
    candidate: Build,
    suite: str,
    device: Device,
    by: Actor,
    *,
    again: bool,
    cap: int | None = None,
    threads: int = 1,
) -> Night:
    """Return the latest night of this plan; a new one where there is none, it came to nothing, or another is wanted."""
    plan = {"kind": kind, "baseline": baseline, "candidate": candidate, "device": device, "suite": suite}
    plan["suite_version"] = SUITES[suite].version
    # Two requests in the same moment: the second waits for the first, then finds its night.
    Device.objects.select_for_update().get(pk=device.pk)
    # Nobody cancels it before whoever asks has said that it waits for it.
    latest = Night.objects.select_for_update().filter(**plan).order_by("-repeat").first()
    came_to_nothing = latest and latest.state in (Night.State.CANCELLED, Night.State.FAILED)
    if latest and not came_to_nothing and not (again and finished(NIGHT_MOVES, latest.state)):
        return latest
    policy = new_policy(kind=kind, suite=suite, cap=cap)
    night = Night(
        **plan,
        repeat=latest.repeat + 1 if latest else 1,
        seed=secrets.randbits(48),
        threads=threads,
        policy=policy,
        rounds_cap=policy["cap"],
        requested_by=actor_name(by),
    )
    _check_points(suite, baseline.framework, device)
    _check_in_use(device)
    night.save()
    what = f"{baseline} against itself" if kind == Night.Kind.AA else f"{candidate} against {baseline}"
    append(
        "night.requested",
        by=by,
        subject=f"night/{night.pk}",
        summary=f"Night {night.pk} was asked for: {what}, suite {suite}, on {device}.",
    )
    wake("prepare_night", night.pk)
    return night


def prepare_night(*, night_id: int) -> None:
    """Bring a night as far towards its first round as its bundles and the machine's history allow."""
    night = Night.objects.select_related("baseline__bundle", "candidate__bundle", "device__machine").get(pk=night_id)
    if night.state not in (Night.State.REQUESTED, Night.State.SCALING) or not _bundles_ready(night):
        return
    if night.kind == Night.Kind.AA or _scale_known(night):
        _freeze(night)
    elif night.state == Night.State.REQUESTED:
        _await_scale(night)
    else:
        _follow_scale(night)


def prepare_waiting_nights(*, bundle_id: int, copy: Copy = "a") -> None:
    """Bring on the nights that waited for this copy of a bundle; none, while somebody else still installs it."""
    bundle = Bundle.objects.get(pk=bundle_id)
    if bundle.state != Bundle.State.BROKEN and not installed.is_installed(bundle, copy):
        return
    of_bundle = Night.objects.filter(Q(baseline__bundle=bundle_id) | Q(candidate__bundle=bundle_id))
    for night in of_bundle.filter(state=Night.State.REQUESTED):
        prepare_night(night_id=night.pk)
    rounds = Round.objects.filter(night__in=of_bundle.filter(state=Night.State.RUNNING), state=Round.State.DUE)
    for round in rounds.select_related("night__device__machine"):
        wake("measure_round", round.pk, queue=round.night.device.queue)


def _bundles_ready(night: Night) -> bool:
    """Say whether both builds are installed; wake their installation where not, give up where it cannot be."""
    if reason := unfit(night):
        _give_up(night, reason)
        return False
    return not wake_lacking(night)


@transaction.atomic
def _give_up(night: Night, reason: str) -> None:
    """End a night before its first round, unless another process did so meanwhile."""
    if locked_night(night.pk).state in (Night.State.REQUESTED, Night.State.SCALING):
        move_night(night=night, move="give_up", by=None, summary=f"Night {night.pk}: {reason[:300]}", reason=reason)


def _scale_known(night: Night) -> bool:
    """Say whether the machine's A/A nights can scale at least one point of this night."""
    noise = noise_of(night.device, night.baseline.framework, night.suite, night.suite_version)
    return any(point.id in noise for point in points_for(night))


@transaction.atomic
def _freeze(night: Night) -> None:
    """Freeze the plan, unless another process did so meanwhile."""
    fresh = locked_night(night.pk)
    if fresh.state not in (Night.State.REQUESTED, Night.State.SCALING):
        return
    freeze_plan(night=fresh)


@transaction.atomic
def _await_scale(night: Night) -> None:
    """Ask for the five A/A pairs that fix the scales, and wait for them."""
    # First the device, then the night, as whoever asks for a night does.
    device = Device.objects.select_for_update().get(pk=night.device_id)
    fresh = locked_night(night.pk)
    if fresh.state != Night.State.REQUESTED or device.state == Device.State.QUARANTINED:
        return
    scale = _night(
        Night.Kind.AA, fresh.baseline, fresh.baseline, fresh.suite, fresh.device, "night", again=True,
        threads=fresh.threads,
    )  # fmt: skip
    fresh.scale_from = scale
    fresh.save(update_fields=["scale_from"])
    summary = f"Night {fresh.pk} waits for night {scale.pk}: five A/A pairs say how noisy {fresh.device} is."
    move_night(night=fresh, move="await_scale", by=None, summary=summary)


def _follow_scale(night: Night) -> None:
    """Give up where the A/A night that this one waits for came to nothing."""
    scale = night.scale_from
    if scale is None or not finished(NIGHT_MOVES, scale.state):
        return
    why = scale.state_reason or "no point has five A/A pairs"
    _give_up(night, f"Its A/A night {scale.pk} is {scale.state}: {why}")


@transaction.atomic
def cancel_night(*, night: Night, by: Actor) -> Night:
    """End a night that has not ended; what was measured stays, and a running process is ended by its worker.

    A night that was decided before it got more rounds is decided again, by all its complete rounds.
    """
    policies.check_can_be_cancelled(locked_night(night.pk))
    # Both rows before the record, which is the last thing that anybody waits for.
    scale = locked_night(night.scale_from_id) if night.scale_from_id else None
    stop_night(
        night=night, move="cancel", by=by, reason=f"Cancelled by {actor_name(by)}.",
        summary=f"Night {night.pk} was cancelled.",
    )  # fmt: skip
    if scale and policies.can_be_cancelled(scale) and not _awaited(scale, but=night):
        cancel_night(night=scale, by=by)
    return night


def _awaited(scale: Night, *, but: Night) -> bool:
    return Night.objects.filter(scale_from=scale, state=Night.State.SCALING).exclude(pk=but.pk).exists()


def run_night_again(*, night: Night, by: Actor) -> Night:
    """Ask for the same comparison anew: a night of its own, with its own coins, of the suite as it is now."""
    policies.check_can_be_run_again(night)
    if night.suite not in SUITES:
        raise NightRefused(f"The suite {night.suite} is no longer measured.")
    for build in (night.baseline, night.candidate):
        _try_again(build, by)
    return _night(
        night.kind, night.baseline, night.candidate, night.suite, night.device, by, again=True,
        cap=night.policy.get("cap"), threads=night.threads,
    )  # fmt: skip


@transaction.atomic
def extend_night(*, night: Night, rounds: int, by: Actor) -> Night:
    """Give a decided night more rounds for what is inconclusive; E-values multiply, so its guarantees stay."""
    fresh = locked_night(night.pk)
    policies.check_can_be_extended(fresh)
    if not 1 <= rounds <= 1000:
        raise NightRefused("More rounds are a number from 1 to 1000.")
    if SUITES[fresh.suite].version != fresh.suite_version:
        raise NightRefused(f"The suite {fresh.suite} has changed since: run the night again instead.")
    _check_in_use(fresh.device)
    done = fresh.rounds.filter(state=Round.State.COMPLETE).count()
    fresh.rounds_cap, fresh.extended_after = done + rounds, done
    fresh.policy = {**fresh.policy, "budget_seconds": _more_time(fresh)}
    fresh.save(update_fields=["rounds_cap", "extended_after", "policy"])
    undecided = list(replayed(fresh).engine.undecided)
    if not undecided:
        raise NightRefused(f"More rounds would decide nothing in night {fresh.pk}.")
    # A round that an earlier extension began and did not finish is the next one.
    fresh.rounds.filter(number=done + 1, state=Round.State.DUE).update(points=undecided, takes=0, due_at=timezone.now())
    summary = f"Night {fresh.pk} gets {rounds} more rounds for {len(undecided)} points."
    move_night(night=fresh, move="extend", by=by, summary=summary)
    plan_round(night=fresh, number=done + 1, points=undecided)
    return fresh


def _more_time(night: Night) -> float:
    """Return the seconds of measuring after which a night that gets more rounds ends: its suite's budget once more."""
    return measured_seconds(night) + new_policy(kind=night.kind, suite=night.suite)["budget_seconds"]


def request_nightly(*, by: Actor = "schedule") -> Night | None:
    """Ask for the night that the settings name, anew each time; None where they name none."""
    if not (settings.NIGHTLY_BASELINE and settings.NIGHTLY_CANDIDATE):
        return None
    return request_night(
        baseline=settings.NIGHTLY_BASELINE, candidate=settings.NIGHTLY_CANDIDATE, suite=settings.NIGHTLY_SUITE,
        by=by, again=True,
    )  # fmt: skip


def request_weekly_aa(*, by: Actor = "schedule") -> list[Night]:
    """Ask for an A/A night of each device, framework and suite that was compared within the last four weeks."""
    latest = (
        Night.objects.filter(kind=Night.Kind.COMPARISON, state=Night.State.DECIDED, results_digest=None)
        .filter(device__state=Device.State.FREE, ended_at__gte=timezone.now() - STILL_COMPARED)
        .values("device", "suite", "baseline__framework")
        .annotate(latest=Max("pk"))
        .values_list("latest", flat=True)
    )
    nights = Night.objects.filter(pk__in=latest).select_related("baseline", "device")
    wanted = [night for night in nights if night.suite in SUITES]
    return [
        request_aa_night(build=n.baseline, suite=n.suite, device=n.device, by=by, again=True, threads=n.threads)
        for n in wanted
    ]
