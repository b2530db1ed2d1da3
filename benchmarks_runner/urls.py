"""Addresses of the performance pages; docs/reference/pages.md lists them with their states."""

from django.urls import path, register_converter

from benchmarks_runner.views import builds, machines, nights, points
from benchmarks_runner.views.gallery import gallery
from benchmarks_runner.views.new_night import new_night
from benchmarks_runner.views.theme import theme


class PointName:
    """A point's name in an address: anything that a database keeps and a header can hold."""

    regex = r"[^/\x00-\x1f\x7f]{1,120}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PointName, "point")

app_name = "benchmarks_runner"

urlpatterns = [
    path("nights/", nights.nights, name="nights"),
    path("nights/new/", new_night, name="new_night"),
    path("nights/<int:pk>/", nights.night, name="night"),
    path("nights/<int:pk>/verdicts.csv", nights.night_csv, name="night_csv"),
    path("nights/<int:pk>/night.json", nights.night_json, name="night_json"),
    path("nights/<int:pk>/cancel/", nights.cancel, name="cancel_night"),
    path("nights/<int:pk>/again/", nights.again, name="run_night_again"),
    path("nights/<int:pk>/more-rounds/", nights.extend, name="extend_night"),
    path("nights/<int:pk>/points/<point:point>/", points.point, name="point"),
    path("nights/<int:pk>/points/<point:point>/pairs.csv", points.point_csv, name="point_csv"),
    path("nights/<int:pk>/points/<point:point>/roofline.csv", points.roofline_csv, name="roofline_csv"),
    path("builds/", builds.builds, name="builds"),
    path("builds/<int:pk>/", builds.build, name="build"),
    path("machines/", machines.machines, name="machines"),
    path("machines/<int:pk>/", machines.machine, name="machine"),
    path("machines/<int:pk>/noise.csv", machines.noise_csv, name="noise_csv"),
    path("gallery/", gallery, name="gallery"),
    path("theme/", theme, name="theme"),
]
