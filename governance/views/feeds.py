"""What happens to proposals and votes as an Atom feed, and their deadlines as a calendar."""

from datetime import datetime, timedelta

import icalendar
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_GET

from governance.deadlines import said
from governance.queries.deadlines import Deadline, deadlines
from record.models import Event
from record.queries import latest_of

LATEST = 50


class RecentDecisions(Feed):
    """The last events of proposals and votes, one entry each."""

    feed_type = Atom1Feed
    title = "Proposals and votes"
    subtitle = "What was proposed, said, stopped, voted on and decided."

    def link(self) -> str:
        return reverse("governance:proposals")

    def items(self) -> list[Event]:
        return latest_of(("proposal", "vote"), LATEST, without=("proposal.imported",))

    def item_title(self, item: Event) -> str:
        return item.summary

    def item_description(self, item: Event) -> str:
        return f"{item.summary} By {item.actor or 'the site'}. Event {item.position} of the record."

    def item_link(self, item: Event) -> str:
        kind, _, key = item.subject.partition("/")
        if kind == "vote" and key.isdigit():
            return reverse("governance:ballot", args=[int(key)])
        # What is withheld may stand in a subject; what is left of it is no address.
        if kind == "proposal" and not item.is_redacted:
            return reverse("governance:proposal", args=[key])
        return item.get_absolute_url()

    def item_guid(self, item: Event) -> str:
        return reverse("record:event", args=[item.position])

    item_guid_is_permalink = False

    def item_author_name(self, item: Event) -> str:
        return item.actor or "the site"

    def item_pubdate(self, item: Event) -> datetime:
        return item.at

    def item_updateddate(self, item: Event) -> datetime:
        return item.at

    def item_categories(self, item: Event) -> tuple[str, ...]:
        return (item.kind,)


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Give the deadlines of proposals and votes as a calendar to subscribe to."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Flamekeeper//Deadlines//EN")
    made.add("version", "2.0")
    made.add("name", "Deadlines of proposals and votes")
    made.add("x-wr-calname", "Deadlines of proposals and votes")
    for deadline in deadlines(timezone.now() - timedelta(days=90)):
        made.add_component(entry(deadline, request))
    response = HttpResponse(made.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    return response


def entry(deadline: Deadline, request: HttpRequest) -> icalendar.Event:
    """Return a deadline as a calendar's event: a moment, in UTC, with its rule in words."""
    address = request.build_absolute_uri(deadline.url)
    event = icalendar.Event()
    event.add("uid", f"{deadline.key}@{request.get_host()}")
    event.add("summary", f"Stopped: {deadline.words}" if deadline.stopped else deadline.words)
    event.add("dtstart", deadline.at)
    event.add("dtend", deadline.at)
    event.add("dtstamp", deadline.since)
    event.add("description", f"{deadline.words}: {said(deadline.at, deadline.zone)}.")
    event.add("url", address)
    event.add("status", "CANCELLED" if deadline.stopped else "CONFIRMED")
    return event
