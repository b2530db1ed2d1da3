"""The site's navigation: the three doors and the shared record."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Door:
    """One entry of the navigation."""

    name: str
    url_name: str
    prefixes: tuple[str, ...]
    signed_in: bool = False


DOORS = (
    Door("Performance", "benchmarks_runner:nights", ("/nights/", "/builds/", "/machines/")),
    Door("Releases", "governance:releases", ("/releases/",)),
    Door("Governance", "governance:charters", ("/charters/", "/proposals/", "/votes/", "/elections/", "/imports/")),
    Door("People", "ecosystem:areas", ("/areas/", "/people/", "/offices/", "/coverage/")),
    Door("Record", "record:list", ("/record/",)),
    Door("Portal", "governance:portal", ("/portal/",), signed_in=True),
)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Return the doors that this reader may open, with the one they stand in marked."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "doors": [
            {"name": door.name, "url_name": door.url_name, "current": request.path.startswith(door.prefixes)}
            for door in DOORS
            if signed_in or not door.signed_in
        ]
    }
