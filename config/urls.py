"""Addresses: each room brings its own, under the names of docs/reference/pages.md."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("", include("governance.urls")),
    path("accounts/", include("governance.sign_in.urls")),
    path("", include("ecosystem.urls")),
    path("", include("benchmarks_runner.urls")),
    path("", include("record.urls")),
]
