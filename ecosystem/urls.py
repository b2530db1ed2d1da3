from django.urls import path

from ecosystem.views import areas, duplicates, logins, people, requests

app_name = "ecosystem"
urlpatterns = [
    path("areas/", areas.listing, name="areas"),
    path("areas/<slug:slug>/", areas.area, name="area"),
    path("people/", people.listing, name="people"),
    path("people/ask/", requests.asking, name="ask"),
    path("people/requests/", requests.listing, name="requests"),
    path("people/requests/<int:number>/", requests.answering, name="answer_request"),
    path("people/requests/words/<int:number>/", requests.deciding_word, name="decide_word"),
    path("people/duplicates/", duplicates.listing, name="duplicates"),
    path("people/duplicates/decide/", duplicates.deciding, name="decide_duplicates"),
    path("people/<slug:slug>/", people.person, name="person"),
    path("people/<slug:slug>/login/", logins.renaming, name="rename_login"),
    path("people/<slug:slug>/ask/", requests.asking, name="ask_about"),
]
