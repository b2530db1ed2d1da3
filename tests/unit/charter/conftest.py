from tests.site_fixtures import collected_static

__all__ = ["collected_static"]
