"""What only a higher room knows of a point: its areas and who maintains them.

The higher room registers a function when it starts; this room never imports it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PersonNote:
    """A maintainer, as a verdict names them."""

    name: str
    url: str = ""
    office: str = ""
    since: date | None = None


@dataclass(frozen=True)
class AreaNote:
    """A part of the framework, and who maintains it today."""

    slug: str
    name: str
    url: str = ""
    maintainers: tuple[PersonNote, ...] = ()


AreaProvider = Callable[[Collection[str]], list[AreaNote]]
_providers: list[AreaProvider] = []


def register_area_provider(provider: AreaProvider) -> None:
    """Ask this function too for the areas of a benchmark's tags; registering it twice changes nothing."""
    if provider not in _providers:
        _providers.append(provider)


def forget_area_provider(provider: AreaProvider) -> None:
    """Ask this function no longer."""
    if provider in _providers:
        _providers.remove(provider)


def areas_of(tags: Collection[str]) -> list[AreaNote]:
    """Return the areas that carry any of these tags, with their maintainers; empty where nobody knows them."""
    return [note for provider in _providers for note in provider(tags)]
