from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Decisions: who may decide, by which term, and what was signed."""

    name = "governance"
    verbose_name = "Governance"
