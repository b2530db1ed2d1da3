"""Addresses that were made of what people wrote, and so may hold somebody's name."""

from collections.abc import Iterator

from governance.models import Election, Proposal


def slugs_of_what_people_wrote() -> Iterator[str]:
    """Give the addresses of proposals and elections."""
    yield from Proposal.objects.values_list("slug", flat=True).iterator()
    yield from Election.objects.values_list("slug", flat=True).iterator()
