"""The latest events as an Atom feed."""

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from record.models import Event
from record.queries import latest

LATEST = 50


class RecentEvents(Feed):
    """The last events of the record, one entry each."""

    feed_type = Atom1Feed
    title = "The record"
    subtitle = "Who did what, when: each event carries the hash of the one before it."

    def link(self) -> str:
        return reverse("record:list")

    def items(self) -> list[Event]:
        return latest(LATEST)

    def item_title(self, item: Event) -> str:
        return item.summary

    def item_description(self, item: Event) -> str:
        who = item.actor or "the site"
        return f"{item.kind}, about {item.subject}, by {who}. Event {item.position}, hash {item.hash}."

    def item_author_name(self, item: Event) -> str:
        return item.actor or "the site"

    def item_pubdate(self, item: Event) -> datetime:
        return item.at

    def item_updateddate(self, item: Event) -> datetime:
        return item.at

    def item_categories(self, item: Event) -> tuple[str, ...]:
        return (item.kind,)
