"""The formats that are known, and which of them a source is."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from governance.importing import formats
from governance.importing.reading import Format, SourceRefused


def known_formats() -> dict[str, Format]:
    """Return every format of `formats`, by name."""
    modules = (import_module(f"{formats.__name__}.{found.name}") for found in iter_modules(formats.__path__))
    found = (module.FORMAT for module in modules if hasattr(module, "FORMAT"))
    return {format.name: format for format in sorted(found, key=lambda format: format.name)}


def format_named(name: str, among: dict[str, Format]) -> Format:
    """Return a format by its name.

    Raises:
        SourceRefused: when there is none.
    """
    if name not in among:
        raise SourceRefused(f"No format is called {name!r}: there are {', '.join(among)}, and auto.")
    return among[name]


def recognising(paths: Iterable[str], among: dict[str, Format]) -> Format | None:
    """Return the format that these files are of, if one recognises them."""
    listed = list(paths)
    return next((format for format in among.values() if format.recognises(listed)), None)
