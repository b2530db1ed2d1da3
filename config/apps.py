from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The top room as an app, so that commands which know every room have a home."""

    name = "config"
    verbose_name = "Flamekeeper"

    def ready(self) -> None:
        """Make our Celery the current one in every process: a page that publishes must know the broker too."""
        import config.celery  # noqa: F401
