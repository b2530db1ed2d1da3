from django.contrib.syndication.views import Feed


class RecentEvents(Feed):
    pass
