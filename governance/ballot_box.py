"""The sealed ballot box: what is in it, how it is sealed, and where the key lies that is no part of the database.

A box is one value. Each cast opens it, changes it and seals it anew, whole, at the same length: no ballot has a row, a
number, a moment or a transaction of its own. The key is a file of the site; with it ends what old copies of the
database could tell (docs/explanation/elections.md).
"""

import json
import os
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32
# A receipt has 160 bits: 32 letters, nothing to guess.
RECEIPT_BYTES = 20
CODE_LETTERS = 16
RECEIPT = re.compile(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){7}")


class BoxUnreadable(RuntimeError):
    """A box whose key is gone, or is another one."""


@dataclass(frozen=True)
class Ballot:
    """What one voter marked, under the hash of their receipt; whose it is, nothing here says."""

    key: str
    code: str
    marks: Mapping[str, int]


@dataclass
class Box:
    """The opened box: ballots, and apart from them the people who have voted."""

    voted: set[int] = field(default_factory=set)
    ballots: dict[str, Ballot] = field(default_factory=dict)

    def put(self, receipt: str, marks: Mapping[str, int]) -> None:
        """Put a ballot in, or in the place of the one with this receipt."""
        key = key_of(receipt)
        self.ballots[key] = Ballot(key, code_of(receipt), dict(marks))

    def find(self, receipt: str) -> Ballot | None:
        """Return the ballot of a receipt."""
        return self.ballots.get(key_of(receipt))


def new_receipt() -> str:
    """Return a receipt's secret: 32 letters and digits in groups of four."""
    letters = b32encode(token_bytes(RECEIPT_BYTES)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def read_receipt(text: str) -> str:
    """Return a receipt as it was given, however it was typed."""
    letters = "".join(character for character in text.upper() if character.isalnum())
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def key_of(receipt: str) -> str:
    """Return the hash under which a ballot lies in the box."""
    return sha256(f"flamekeeper ballot key\n{receipt}".encode()).hexdigest()


def code_of(receipt: str) -> str:
    """Return the code under which a receipt's ballot is published: it opens nothing."""
    letters = b32encode(sha256(f"flamekeeper ballot code\n{receipt}".encode()).digest()).decode()[:CODE_LETTERS]
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def seal(box: Box, *, election: int, capacity: int) -> bytes:
    """Return the box sealed; as long for no ballot as for `capacity` bytes of them."""
    content = json.dumps(
        {
            "voted": sorted(box.voted),
            "ballots": [[ballot.key, ballot.code, ballot.marks] for _, ballot in sorted(box.ballots.items())],
        },
        separators=(",", ":"),
    ).encode()
    nonce = token_bytes(NONCE_BYTES)
    return nonce + AESGCM(kept_key(election)).encrypt(nonce, content.ljust(capacity), f"election {election}".encode())


def unseal(sealed: bytes, *, election: int) -> Box:
    """Return an opened box.

    Raises:
        BoxUnreadable: where the key is gone, is another one, or the box was changed.
    """
    cipher = AESGCM(kept_key(election))
    try:
        content = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"election {election}".encode())
    except InvalidTag as error:
        raise BoxUnreadable(f"The ballot box of election {election} does not open: another key, or changed.") from error
    read = json.loads(content)
    ballots = {key: Ballot(key, code, marks) for key, code, marks in read["ballots"]}
    return Box(set(read["voted"]), ballots)


def capacity(*, electors: int, candidates: int) -> int:
    """Return how many bytes the box holds when everybody has voted for everybody."""
    return 64 + electors * (16 + 64 + 24 + 24 + candidates * 20)


def key_file(election: int) -> Path:
    """Return where the key of an election's box lies."""
    return Path(settings.DATA_DIR) / "ballot_keys" / str(election)


def make_key(election: int) -> None:
    """Make the key of an election's box; one that is left of an opening that failed is made anew."""
    path = key_file(election)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(token_bytes(KEY_BYTES))
    draft.replace(path)


def kept_key(election: int) -> bytes:
    """Return the key of an election's box."""
    try:
        return key_file(election).read_bytes()
    except FileNotFoundError as error:
        raise BoxUnreadable(
            f"The key of election {election} is not at {key_file(election)}: put it back from where you keep it."
        ) from error


def destroy_key(election: int) -> None:
    """Destroy the key: no copy of the database opens from then on."""
    path = key_file(election)
    if path.exists():
        # On a copying file system the old bytes may remain somewhere; the page on threats says so.
        path.write_bytes(bytes(KEY_BYTES))
        path.unlink()
