"""Addresses of the performance pages; docs/reference/pages.md lists them with their states."""

from django.urls import path

from benchmarks_runner.views.gallery import gallery
from benchmarks_runner.views.theme import theme

app_name = "benchmarks_runner"

urlpatterns = [
    path("gallery/", gallery, name="gallery"),
    path("theme/", theme, name="theme"),
]
