from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Decisions: who may decide, by which term, and what was signed."""

    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        # Models can be imported only now.
        from benchmarks_runner.providers import register_area_provider
        from ecosystem.providers import register_term_book
        from governance.area_notes import area_notes
        from governance.policies import permissions
        from governance.term_book import BOOK

        register_area_provider(area_notes)
        register_term_book(BOOK)
        permissions.register()
