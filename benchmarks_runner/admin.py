"""The administration: facts are read here; they change through actions only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from benchmarks_runner import policies
from benchmarks_runner.actions.machines import lift_quarantine
from benchmarks_runner.models import (
    Attempt,
    Build,
    Bundle,
    Device,
    Environment,
    Lease,
    Machine,
    Night,
    Round,
    Verdict,
)
from record.read_only import ReadOnly


@admin.register(Night)
class NightAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "kind", "candidate", "baseline", "device", "suite", "state", "requested_at")
    list_filter = ("kind", "state", "suite")


@admin.register(Round)
class RoundAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "state", "takes", "due_at", "started_at", "ended_at")
    list_filter = ("state",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "shard", "position", "ended", "void_reason", "started_at", "ended_at")
    list_filter = ("ended", "arm")


@admin.register(Verdict)
class VerdictAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("night", "point", "verdict", "estimate", "low", "high", "pairs_used")
    list_filter = ("verdict",)


@admin.register(Lease)
class LeaseAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("device", "token", "holder", "process_group", "heartbeat_at", "expires_at")


@admin.register(Device)
class DeviceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "model", "state", "state_reason")
    actions = ("put_back",)

    @admin.action(description="Put back into use, after somebody has looked", permissions=["view"])
    def put_back(self, request: HttpRequest, chosen: QuerySet[Device]) -> None:
        """Lift the quarantine of the chosen devices."""
        policies.check_may_run_nights(request.user)
        for device in chosen.filter(state=Device.State.QUARANTINED):
            lift_quarantine(device=device, by=request.user)


@admin.register(Bundle)
class BundleAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("specification", "state", "progress", "requested_by", "requested_at")


@admin.register(Build, Environment, Machine)
class OtherFactsAdmin(ReadOnly, admin.ModelAdmin):
    """Builds, environments and machines by their names."""
