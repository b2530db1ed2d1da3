"""The state of the flame: what is well, what is not, and where to click, in one screen."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from benchmarks_runner import policies as night_policies
from benchmarks_runner import queries as nights
from benchmarks_runner.models import Night
from benchmarks_runner.models.states import NIGHT_MOVES, finished
from benchmarks_runner.sentences import Sentence, count, listed
from benchmarks_runner.views.verdict_rows import VerdictTable, verdict_table
from ecosystem.models import Area
from governance.gate import Gate, gate
from governance.models import Release, Term
from governance.queries import offices as queries
from record.models import Event
from record.queries import Filters
from record.queries import page as record_page

EVENTS = 8
# What an import or a load adds one by one, and the steps of a night on its way: what came of it is an event of its own.
TOLD_TOGETHER = (
    "proposal.imported", "person.added", "area.added", "office.defined", "affiliation.recorded",
    "night.scaling", "night.started", "bundle.requested", "bundle.installed", "build.added",
)  # fmt: skip


def home(request: HttpRequest) -> HttpResponse:
    """Show the state of the flame; a part that has nothing to say yet says what will fill it, or is absent."""
    today = timezone.localdate()
    night = nights.last_decided_night()
    table = verdict_table(night) if night else None
    next_gate = _next_gate()
    thin = list(queries.thinly_held_areas(today))
    leads = list(queries.leads(today))
    return render(
        request,
        "governance/home.html",
        {
            "sentence": state_of_the_flame(leads, night, table, next_gate, len(thin)),
            "leads": leads,
            "past_lead": queries.past_leads(today).first(),
            "core": list(queries.core_maintainers(today)),
            "night": night,
            "table": table,
            "night_sentence": nights.night_sentence(night) if night else None,
            "running": _running(),
            "gate": next_gate,
            "thin": thin,
            "area_known": Area.objects.exists(),
            "events": _this_week(today),
            "since": today - timedelta(days=7),
            "may_run": night_policies.may_run_nights(request.user),
        },
    )


def state_of_the_flame(
    leads: list[Term], night: Night | None, table: VerdictTable | None, next_gate: Gate | None, thin: int
) -> Sentence:
    """Say in one sentence what is well and what is not: leadership, speed, the next release, areas that hang by one."""
    parts = [f"{listed([term.person.name for term in leads])} leads" if leads else "The lead's seat is vacant"]
    tone = "" if leads else "fail"
    if night and table:
        words = [row.word for row in table.rows]
        slower, broken = words.count("fail"), words.count("broken")
        suite_failed = bool(table.suite and table.suite.word == "fail")
        found = [f"{count(slower, 'point')} slower"] if slower else []
        found += [f"{count(broken, 'point')} broken"] if broken else []
        found += ["the suite as a whole slower"] if suite_failed and not found else []
        unsure = words.count("inconclusive")
        found += [f"nothing slower but {count(unsure, 'point')} inconclusive"] if unsure and not found else []
        parts.append(f"last night found {listed(found) if found else 'nothing slower'}")
        tone = tone or ("fail" if slower or broken or suite_failed else "inconclusive" if unsure else "pass")
    if next_gate:
        parts.append(f"{next_gate.release} {'may ship' if next_gate.may_ship else 'is held'}")
    if thin:
        parts.append(f"{count(thin, 'area')} {'hangs' if thin == 1 else 'hang'} on one maintainer or none")
    return Sentence(f"{listed(parts) if len(parts) < 3 else ', '.join(parts[:-1]) + ', and ' + parts[-1]}.", tone)


def _next_gate() -> Gate | None:
    """Return the gate of the release planned last."""
    release = Release.objects.select_related("candidate__bundle", "night__candidate", "night__baseline__bundle").first()
    return gate(release) if release else None


def _running() -> Night | None:
    """Return the comparison that is under way."""
    latest = nights.nights().filter(kind=Night.Kind.COMPARISON)[:5]
    return next((night for night in latest if not finished(NIGHT_MOVES, night.state)), None)


def _this_week(today: date) -> list[Event]:
    """Return what the record says of the last seven days, the latest first, but not each row of what came together."""
    return record_page(Filters(since=today - timedelta(days=7), without=TOLD_TOGETHER), size=EVENTS).events
