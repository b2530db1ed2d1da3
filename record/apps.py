from django.apps import AppConfig


class RecordConfig(AppConfig):
    """The append-only, hash-chained list of who did what, when."""

    name = "record"
    verbose_name = "Record"
