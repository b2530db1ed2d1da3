from django.apps import AppConfig


class EcosystemConfig(AppConfig):
    """Facts about people and code: persons, identities, affiliations, areas."""

    name = "ecosystem"
    verbose_name = "Ecosystem"
