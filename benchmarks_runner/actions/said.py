"""Keep what a measured process says: as text and numbers that a database holds, and without what names this machine.

The process runs code under test, and what it says is shown without an account. So paths, addresses and the names of
this host and of its user are left out before anything is stored.
"""

import getpass
import ipaddress
import math
import os
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

LEFT_OUT = "…"
# Far beyond any time, size or error, and inside what the columns hold.
LARGEST_NUMBER = 1e300
LARGEST_WHOLE_NUMBER = 2**63 - 1
DEEPEST = 20
# Names that say nothing of whose machine it is.
NOBODYS = frozenset({"localhost", "localdomain", "root", "nobody", "user"})

_QUOTED_PATH = re.compile(r"""(?P<quote>["'`])(?P<path>~?/[^"'`\n]+)(?P=quote)""")
_PATH = re.compile(r"(?<![\w./…])~?/[\w.+@~-]+(?:/[^\s\"'`,:;()\[\]<>]*)*")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE)
_INSIDE_HOST = re.compile(
    r"\b[\w-]+(?:\.[\w-]+)*\.(?:internal|intranet|intra|corp|lan|localdomain|home\.arpa)\b", re.IGNORECASE
)
# Not after "==", "-" or "v": 9.1.0.70 is a version of cuDNN.
_IPV4 = re.compile(r"(?<![\w.=-])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.]*\d)")
_COLONS = re.compile(r"(?<![\w:.])[0-9a-f:]*:[0-9a-f]*:[0-9a-f:.]*(?![\w:])", re.IGNORECASE)
_LIBRARY = re.compile(r"(?:.*/)?((?:site|dist)-packages/.+)")
_FILE = re.compile(r"[^/]*[^/.]\.\w{1,8}")


def public_text(text: str) -> str:
    """Return text that a database keeps and everybody may read."""
    return _without_addresses(public_fact(text))


def public_fact(text: str) -> str:
    """Return text as a fingerprint keeps it: what looks like an address there is a version of four numbers."""
    text = _URL.sub(LEFT_OUT, kept_text(text))
    text = _QUOTED_PATH.sub(lambda found: f"{found['quote']}{public_path(found['path'])}{found['quote']}", text)
    return _without_names(_PATH.sub(lambda found: public_path(found[0]), text))


def kept_text(text: str) -> str:
    """Return text without NUL and without halves of characters, which no database keeps."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def public_path(path: str) -> str:
    """Return of a path what a reader understands: its place among the packages, else its file's name."""
    if library := _LIBRARY.fullmatch(path):
        return f"{LEFT_OUT}/{library[1]}"
    name = path.rstrip("/").rpartition("/")[2]
    return f"{LEFT_OUT}/{name}" if _FILE.fullmatch(name) else LEFT_OUT


def _without_addresses(text: str) -> str:
    for pattern in (_MAIL, _INSIDE_HOST, _IPV4):
        text = pattern.sub(LEFT_OUT, text)
    return _COLONS.sub(lambda found: LEFT_OUT if _is_address(found[0]) else found[0], text)


def _is_address(text: str) -> bool:
    """Say whether this is the address of a computer or a network card, and no `::` of C++ or time of day."""
    if re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", text, re.IGNORECASE):
        return True
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return any(sign.isdigit() for sign in text)


def _without_names(text: str) -> str:
    for name in names_of_this_machine():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?:\.[\w-]+)*(?!\w)", LEFT_OUT, text, flags=re.IGNORECASE)
    return text


@cache
def names_of_this_machine() -> tuple[str, ...]:
    """Return this host's names and those of the user who runs this, the longest first."""
    host = socket.gethostname()
    names = {host, host.partition(".")[0], Path.home().name, *map(os.environ.get, ("USER", "LOGNAME", "HOSTNAME"))}
    with suppress(KeyError, OSError):  # a number that no name was given to
        names.add(getpass.getuser())
    found = {name for name in names if name and len(name) > 1 and name.lower() not in NOBODYS}
    return tuple(sorted(found, key=lambda name: (-len(name), name)))


def bounded(value: float | None) -> float | None:
    """Return a number that a column of floating point numbers holds; None for what is no number."""
    if value is None or value != value:
        return None
    if value > LARGEST_NUMBER or value < -LARGEST_NUMBER:
        return math.copysign(LARGEST_NUMBER, 1 if value > 0 else -1)
    if 0 < abs(value) < 1 / LARGEST_NUMBER:
        return math.copysign(1 / LARGEST_NUMBER, value)
    return float(value)


def whole(value: int | None) -> int | None:
    """Return a whole number that a column holds."""
    return None if value is None else max(-LARGEST_WHOLE_NUMBER, min(LARGEST_WHOLE_NUMBER, value))


def plain(value: Any, text: Callable[[str], str] = public_text, *, depth: int = 0) -> Any:
    """Return a JSON value that the database keeps, each of its texts as `text` makes it."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, float):
        return bounded(value)
    if depth >= DEEPEST:
        return LEFT_OUT
    if isinstance(value, Mapping):
        return {text(str(key)): plain(item, text, depth=depth + 1) for key, item in value.items()}
    return [plain(item, text, depth=depth + 1) for item in value]
