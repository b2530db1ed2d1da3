from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The top room as an app, so that commands which know every room have a home."""

    name = "config"
    verbose_name = "Flamekeeper"
