"""The append-only record that everyone writes to. `record.append(...)` is the one way in."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Find `append` only when it is asked for: this package is imported before Django's apps are ready."""
    if name == "append":
        from record.actions import append

        return append
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
