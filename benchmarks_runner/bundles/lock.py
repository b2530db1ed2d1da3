"""The lock: what was really installed, by name, version and hash, and the digests that follow from it.

A lock holds no address: where a file came from is the machine's business, which file it is is everybody's.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from benchmarks_runner.bundles.errors import BundleError


@dataclass(frozen=True, order=True)
class LockedWheel:
    """One wheel, by the hash of its file."""

    name: str
    version: str
    sha256: str
    file: str

    @property
    def title(self) -> str:
        """Name it for people: torch 2.13.0+cpu."""
        return f"{self.name} {self.version}"


Lock = tuple[LockedWheel, ...]


def lock_from_report(report: Mapping[str, Any]) -> Lock:
    """Read what pip decided from its installation report."""
    return tuple(sorted(_locked(item) for item in report["install"]))


def lock_from_rows(rows: Iterable[Mapping[str, str]]) -> Lock:
    """Read a lock back from its JSON rows."""
    return tuple(sorted(LockedWheel(row["name"], row["version"], row["sha256"], row["file"]) for row in rows))


def lock_rows(lock: Lock) -> list[dict[str, str]]:
    """Write a lock as JSON rows, sorted by name."""
    return [asdict(wheel) for wheel in lock]


def environment_digest(lock: Lock, interpreter_tag: str) -> str:
    """Return the address of the environment that a lock makes with an interpreter."""
    return _digest({"interpreter": interpreter_tag, "lock": lock_rows(lock)})


def bundle_digest(environment: str, variables: Mapping[str, str]) -> str:
    """Return the digest of an environment together with its variables."""
    return _digest({"environment": environment, "variables": dict(variables)})


def hashed_requirements(wheels: Iterable[LockedWheel]) -> str:
    """Write the requirements file that makes pip accept these very files and no others."""
    return "".join(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels)


def _locked(item: Mapping[str, Any]) -> LockedWheel:
    name, version = item["metadata"]["name"], item["metadata"]["version"]
    path = unquote(urlsplit(item["download_info"]["url"]).path)
    file, sha256 = path.rpartition("/")[2], _sha256(item["download_info"], path)
    if not file.endswith(".whl"):
        raise BundleError(f"{name} {version} is offered as source only: a bundle takes wheels; build one and offer it")
    if not sha256:
        raise BundleError(f"the package index gives no SHA-256 for {name} {version}: use an index that does")
    return LockedWheel(canonicalize_name(name), version, sha256, file)


def _sha256(download: Mapping[str, Any], path: str) -> str:
    """Find a wheel's hash: pip before 23.1 wrote it in another form, and none at all for a file of this machine."""
    archive = download.get("archive_info", {})
    algorithm, _, value = archive.get("hash", "").partition("=")
    told = archive.get("hashes", {}).get("sha256") or (value if algorithm == "sha256" else "")
    if not told and download["url"].startswith("file:"):
        with open(path, "rb") as wheel:
            return hashlib.file_digest(wheel, "sha256").hexdigest()
    return told


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
