"""The machines that measure, and one of them: its fingerprint, devices, and how often its verdicts lie."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from benchmarks_runner import figures, quantities, queries
from benchmarks_runner.models import Machine, Night
from benchmarks_runner.queries.clocks import IN_WORDS
from benchmarks_runner.queries.machines import AaRecord
from benchmarks_runner.sentences import Sentence, count
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


def machine(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a machine."""
    row = get_object_or_404(queries.machines(), pk=pk)
    devices = list(row.devices.all())
    records = [record for device in devices for record in queries.aa_records(device)]
    return render(
        request,
        "benchmarks_runner/machine.html",
        {
            "machine": row,
            "sentence": _sentence(records),
            "facts": _flat(row.fingerprint),
            "devices": [(device, queries.device_lease(device), _peaks(device.calibration)) for device in devices],
            "records": [_shown(record, index) for index, record in enumerate(records)],
            "nights": list(queries.nights().filter(device__machine=row).exclude(kind=Night.Kind.AA)[:10]),
        },
    )


def _sentence(records: list[AaRecord]) -> Sentence:
    """Say how often a verdict of this machine would be false, as its own A/A pairs show."""
    told = [record for record in records if record.flips]
    if not told:
        return Sentence("How often this machine's verdicts lie is not known yet: it has no A/A pairs.")
    flips = sum(record.flips for record in told)
    false = sum(record.false_point_nights for record in told)
    return Sentence(
        f"Of {flips:,} unchanged nights, made from this machine's own A/A pairs, "
        f"{false or 'none'} had a point that failed falsely{f' ({quantities.percent(false / flips)})' if false else ''}.",
        "pass" if false <= 0.01 * flips else "fail",
    )


def _shown(record: AaRecord, index: int) -> dict[str, object]:
    """Return one A/A record with its plot."""
    rows = [figures.ScaleRow(row.point, row.differences, row.scale, row.margin) for row in record.rows]
    machine = record.device.machine
    csv_url = reverse("benchmarks_runner:noise_csv", args=[machine.pk])
    named = f"{machine.name}, {record.device.address}"
    plot = figures.scales_plot(rows, machine=named, csv_url=csv_url, number=index)
    return {
        "record": record,
        "plot": plot if rows else None,
        "facts": [
            ("Device", record.device.address),
            ("Suite", f"{record.suite}, version {record.suite_version}"),
            ("Framework", record.framework),
            ("A/A nights", record.nights),
            ("A/A pairs a point", record.rounds),
            ("Unchanged nights played", f"{record.flips:,}, from the recorded pairs with their signs drawn by coin"),
            ("With a point that failed", record.false_point_nights),
            ("With a suite that failed", record.false_suite_nights),
        ],
        "clocks": sorted({IN_WORDS.get(row.clock, row.clock) for row in record.rows}),
    }


def noise_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Give every recorded A/A difference of a machine as CSV."""
    row = get_object_or_404(queries.machines(), pk=pk)
    records = [record for device in row.devices.all() for record in queries.aa_records(device)]
    columns = ("device", "suite", "suite_version", "framework", "point", "clock", "scale", "margin", "ln_ratio")
    rows = [
        (r.device.address, r.suite, r.suite_version, r.framework, n.point, n.clock, n.scale, n.margin, difference)
        for r in records
        for n in r.rows
        for difference in n.differences
    ]
    return csv_file(f"machine-{pk}-noise.csv", columns, rows)


def _peaks(calibration: Mapping[str, Any] | None) -> list[tuple[object, ...]]:
    """Return a device's calibrated rates."""
    if not calibration:
        return []
    rates = calibration.get("flops_per_s") or {}
    rows: list[tuple[object, ...]] = [(name, f"{quantities.count(rate)}FLOP/s") for name, rate in rates.items() if rate]
    bandwidth = calibration.get("bandwidth_bytes_per_s")
    return [*rows, ("memory bandwidth", f"{quantities.size(bandwidth)}/s")] if bandwidth else rows


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[object, ...]]:
    """Return a fingerprint as rows, without anything that names the host, its users or its paths."""
    rows: list[tuple[object, ...]] = []
    for name, inner in value.items():
        if any(word in name.lower() for word in NEVER_SHOWN):
            continue
        label = f"{prefix}{name}".replace("_", " ")
        if isinstance(inner, Mapping):
            rows += _flat(inner, f"{label} · ")
        else:
            rows.append((label, _text(name, inner)))
    return rows


def _text(name: str, value: Any) -> str:
    """Write one fact of a fingerprint."""
    if value is None or value == "":
        return quantities.MISSING
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or quantities.MISSING
    return quantities.size(value) if name.endswith("_bytes") and isinstance(value, int | float) else str(value)
