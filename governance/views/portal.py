"""The maintainer's portal: what awaits me."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ecosystem import queries as facts
from ecosystem.models import Area
from ecosystem.sentences import count, listed
from governance.gate import Gate, gate
from governance.models import Office, Term, User
from governance.policies.accounts import may_invite
from governance.policies.releases import may_plan_releases, may_sign
from governance.queries.accounts import person_of
from governance.queries.awaited import Awaited
from governance.queries.everything_awaited import everything_awaited
from governance.queries.offices import RANK, maintainers_by_area, terms_on
from governance.views.releases import SignedInRequest, releases
from record.models import Event
from record.withholding import redaction


@dataclass(frozen=True)
class Duties:
    """What one account finds in its portal."""

    awaited: list[Awaited]
    terms: list[Term]
    areas: list[tuple[Area, list[Term]]]
    to_sign: list[Gate]
    held: list[Gate]

    def sentence(self, user: User) -> str:
        """Say what awaits this account."""
        if user.person is None:
            return (
                "This account acts for no known person yet, so no duty is known; an administrator can say whose it is."
            )
        alone = [area.name for area, terms in self.areas if len(terms) == 1]
        own = f"you maintain {count(len(self.areas), 'area', 'areas')}" if self.areas else "you maintain no area"
        return f"{self.waiting()}; {own}{f', {listed(alone)} alone' if alone else ''}."

    def waiting(self) -> str:
        """Say how much awaits this account."""
        if self.awaited:
            number = len(self.awaited) + len(self.to_sign)
            first = next((one.until for one in self.awaited if one.until), None)
            when = f", the first until {first:%-d %B %Y}" if first else ""
            return f"{count(number, 'thing awaits', 'things await')} you{when}"
        if self.to_sign:
            return f"Your signature under {listed([stands.release.version for stands in self.to_sign])} is awaited"
        return "Nothing awaits you"


def duties(user: User) -> Duties:
    """Return what awaits an account today: through its person's terms."""
    today = timezone.localdate()
    person = person_of(user)
    terms = list(terms_on(today).filter(person__in=facts.same_human(person))) if person else []
    terms.sort(key=lambda term: (RANK[Office.Kind(term.office.kind)], term.office.name))
    areas = sorted({term.office.area for term in terms if term.office.area}, key=lambda area: area.name)
    maintainers = maintainers_by_area(areas, today)
    gates = [gate(release) for release in releases()]
    return Duties(
        awaited=everything_awaited(person, timezone.now()) if person else [],
        terms=terms,
        areas=[(area, maintainers[area.pk]) for area in areas],
        to_sign=[stands for stands in gates if may_sign(user, stands.release, stands)],
        held=[stands for stands in gates if not stands.may_ship and not may_sign(user, stands.release, stands)],
    )


@login_required
@require_GET
def portal(request: SignedInRequest) -> HttpResponse:
    """Show what awaits me: signatures, my areas, my offices, what I did last."""
    mine, redact = duties(request.user), redaction()
    own = Event.objects.filter(actor_id=request.user.pk).order_by("-position")[:10]
    context = {
        "duties": mine,
        "sentence": mine.sentence(request.user),
        "may_invite": may_invite(request.user),
        "may_plan": may_plan_releases(request.user),
        "events": [event.as_shown(redact) for event in own],
    }
    return render(request, "governance/portal.html", context)
