from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Decisions: who may decide, by which term, and what was signed."""

    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        # Models can be imported only now.
        from benchmarks_runner.providers import register_area_provider
        from ecosystem.providers import register_slugs, register_term_book, register_usernames
        from governance.area_notes import area_notes
        from governance.policies import permissions
        from governance.queries.accounts import usernames_of
        from governance.queries.slugs import slugs_of_what_people_wrote
        from governance.term_book import BOOK

        register_area_provider(area_notes)
        register_term_book(BOOK)
        register_usernames(usernames_of)
        register_slugs(slugs_of_what_people_wrote)
        permissions.register()
