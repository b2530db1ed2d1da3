from django.urls import path

from ecosystem.views import areas, people

app_name = "ecosystem"
urlpatterns = [
    path("areas/", areas.listing, name="areas"),
    path("areas/<slug:slug>/", areas.area, name="area"),
    path("people/", people.listing, name="people"),
    path("people/<slug:slug>/", people.person, name="person"),
]
