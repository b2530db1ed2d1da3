from django.urls import path

from record.views import atom, events

app_name = "record"
urlpatterns = [
    path("record/", events.listing, name="list"),
    path("record/export.jsonl", events.export, name="export"),
    path("record/feed.atom", atom.RecentEvents(), name="feed"),
    path("record/<int:position>/", events.event, name="event"),
]
