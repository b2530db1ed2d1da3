from django.apps import AppConfig


class EcosystemConfig(AppConfig):
    """Facts about people and code: persons, identities, affiliations, areas."""

    name = "ecosystem"
    verbose_name = "Ecosystem"

    def ready(self) -> None:
        # Models can be imported only now.
        from ecosystem.withholding import redactor_if_any
        from record.withholding import register_redactor

        register_redactor(redactor_if_any)
