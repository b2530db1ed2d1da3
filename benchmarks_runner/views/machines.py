"""The machines that measure, and one of them: its fingerprint, devices, and how often its verdicts lie."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from benchmarks_runner import figures, quantities, queries
from benchmarks_runner.models import Device, Machine, Night
from benchmarks_runner.queries.clocks import IN_WORDS
from benchmarks_runner.queries.machines import AaRecord
from benchmarks_runner.queries.scales import FEWEST_PAIRS, aa_nights, aa_pairs, differences_by_clock
from benchmarks_runner.sentences import Sentence, count
from benchmarks_runner.stats import choose_clock, margin
from benchmarks_runner.views.csv_files import csv_file

# Parts of a fingerprint that could tell a reader of the public page who runs the machine.
NEVER_SHOWN = ("hostname", "host", "user", "path", "node", "executable", "prefix")


def machines(request: HttpRequest) -> HttpResponse:
    """List the machines with their devices."""
    rows = list(queries.machines())
    return render(request, "benchmarks_runner/machines.html", {"machines": rows, "sentence": _list_sentence(rows)})


def _list_sentence(rows: list[Machine]) -> Sentence:
    """Say how many machines measure."""
    if not rows:
        return Sentence("No machine has measured anything yet.")
    devices = sum(machine.devices.count() for machine in rows)
    verb = "measures" if len(rows) == 1 else "measure"
    return Sentence(f"{count(len(rows), 'machine').capitalize()} with {count(devices, 'device')} {verb} here.")


@dataclass(frozen=True)
class Noise:
    """What the A/A pairs of one suite and framework say of a device, before any night is played from them."""

    device: Device
    suite: str
    suite_version: str
    framework: str
    nights: int
    rows: tuple[figures.ScaleRow, ...]
    clocks: tuple[str, ...]


@vary_on_headers("HX-Request")
def machine(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a machine. Playing unchanged nights takes seconds: a script asks for it, or the reader, by ?proof=1."""
    row = get_object_or_404(queries.machines(), pk=pk)
    devices = list(row.devices.all())
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "_partials/proof.html", {"machine": row, **_proof(devices)})
    noises = [noise for device in devices for noise in noises_of(device)]
    played = _proof(devices) if request.GET.get("proof") and noises else {}
    return render(
        request,
        "benchmarks_runner/machine.html",
        {
            "machine": row,
            "sentence": _sentence(noises),
            "facts": _flat(row.fingerprint),
            "devices": [(device, queries.device_lease(device), _peaks(device.calibration)) for device in devices],
            "noises": [(noise, _noise_plot(noise, index), _noise_facts(noise)) for index, noise in enumerate(noises)],
            "nights": list(queries.nights().filter(device__machine=row).exclude(kind=Night.Kind.AA)[:10]),
            **played,
        },
    )


def _sentence(noises: list[Noise]) -> Sentence:
    """Say how far an unchanged build seems to change on this machine."""
    scales = [row.scale for noise in noises for row in noise.rows]
    if not scales:
        return Sentence("How noisy this machine is, and how often its verdicts lie, is not known: it has no A/A pairs.")
    middle = quantities.percent(statistics.median(scales))
    return Sentence(f"On this machine an unchanged point seems to change by about {middle} from pair to pair.")


def noises_of(device: Device) -> list[Noise]:
    """Return what the recorded A/A pairs of each suite and framework say of a device's noise."""
    decided = Night.objects.filter(device=device, kind=Night.Kind.AA, state=Night.State.DECIDED)
    kinds = decided.order_by().values_list("baseline__framework", "suite", "suite_version").distinct()
    return [_noise(device, *kind) for kind in sorted(kinds)]


def _noise(device: Device, framework: str, suite: str, version: str) -> Noise:
    """Return the scale of each point that has enough A/A pairs, by the clock that would judge it."""
    nights = aa_nights(device, framework, suite, version)
    rows, clocks = [], set()
    for point, pairs in sorted(aa_pairs(nights).items()):
        by_clock = differences_by_clock(pairs, device.kind)
        if len(pairs) < FEWEST_PAIRS or not by_clock:
            continue
        choice = choose_clock(by_clock)
        clocks.add(IN_WORDS.get(choice.clock, choice.clock))
        rows.append(figures.ScaleRow(point, tuple(by_clock[choice.clock]), choice.scale, margin(choice.scale)))
    return Noise(device, suite, version, framework, len(nights), tuple(rows), tuple(sorted(clocks)))


def _noise_plot(noise: Noise, index: int) -> figures.Plot | None:
    """Draw the A/A differences of every point."""
    if not noise.rows:
        return None
    machine = noise.device.machine
    csv_url = reverse("benchmarks_runner:noise_csv", args=[machine.pk])
    named = f"{machine.name}, {noise.device.address}"
    return figures.scales_plot(noise.rows, machine=named, csv_url=csv_url, number=index)


def _noise_facts(noise: Noise) -> list[tuple[object, ...]]:
    """Return where the A/A pairs come from."""
    return [
        ("Device", noise.device.address),
        ("Suite", f"{noise.suite}, version {noise.suite_version}"),
        ("Framework", noise.framework),
        ("A/A nights", noise.nights),
        ("Points with a scale", len(noise.rows)),
        ("Clocks", ", ".join(noise.clocks) or quantities.MISSING),
    ]


def _proof(devices: Iterable[Device]) -> dict[str, object]:
    """Play unchanged nights from the recorded pairs and count how many of them fail."""
    records = [record for device in devices for record in queries.aa_records(device) if record.flips]
    return {"records": records, "proof": proof_sentence(records)}


def proof_sentence(records: Sequence[AaRecord]) -> Sentence:
    """Say how often a verdict of this machine would be false, as its own A/A pairs show."""
    flips = sum(record.flips for record in records)
    if not flips:
        return Sentence("No unchanged night can be played yet: no point has five A/A pairs.")
    false = sum(record.false_point_nights for record in records)
    share = f" ({quantities.percent(false / flips)})" if false else ""
    return Sentence(
        f"Of {flips:,} unchanged nights, played from this machine's own A/A pairs, "
        f"{false or 'none'} had a point that failed falsely{share}.",
        "pass" if false <= 0.01 * flips else "fail",
    )


def noise_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Give every recorded A/A difference of a machine as CSV."""
    row = get_object_or_404(queries.machines(), pk=pk)
    noises = [noise for device in row.devices.all() for noise in noises_of(device)]
    columns = ("device", "suite", "suite_version", "framework", "point", "scale", "margin", "ln_ratio")
    rows = [
        (n.device.address, n.suite, n.suite_version, n.framework, r.point, r.scale, r.margin, difference)
        for n in noises
        for r in n.rows
        for difference in r.differences
    ]
    return csv_file(f"machine-{pk}-noise.csv", columns, rows)


def _peaks(calibration: Mapping[str, Any] | None) -> list[tuple[object, ...]]:
    """Return a device's calibrated rates."""
    if not calibration:
        return []
    rates = calibration.get("flops_per_s") or {}
    rows: list[tuple[object, ...]] = [(name, quantities.count(rate, "FLOP/s")) for name, rate in rates.items() if rate]
    bandwidth = calibration.get("bandwidth_bytes_per_s")
    return [*rows, ("memory bandwidth", f"{quantities.size(bandwidth)}/s")] if bandwidth else rows


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[object, ...]]:
    """Return a fingerprint as rows, without anything that names the host, its users or its paths."""
    rows: list[tuple[object, ...]] = []
    for name, inner in value.items():
        if name in ("id", "digest") or any(word in name.lower() for word in NEVER_SHOWN):
            continue
        label = f"{prefix}{name}".replace("_", " ")
        if isinstance(inner, Mapping):
            rows += _flat(inner, f"{label} · ")
        else:
            rows.append((label, _text(label, inner)))
    return rows


def _text(label: str, value: Any) -> str:
    """Write one fact of a fingerprint; caches and what ends in bytes are sizes."""
    if value is None or value == "":
        return quantities.MISSING
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or quantities.MISSING
    is_size = label.endswith(" bytes") or label.startswith("caches")
    return quantities.size(value) if is_size and isinstance(value, int | float) else str(value)
