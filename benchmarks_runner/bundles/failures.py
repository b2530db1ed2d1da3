"""Turn what pip printed into one line with the remedy, without the addresses and paths that pip quotes."""

import re

from benchmarks_runner.bundles.errors import BundleError

NO_DISK = (
    "no space left on this machine's disk: free some, or collect bundles nobody uses (manage.py bundle collect), "
    "then try again"
)
_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Connection (?:refused|reset|aborted|broken)|IncompleteRead"
    r"|Name or service not known|Temporary failure in name resolution|Network is unreachable|Max retries exceeded"
    r"|RemoteDisconnected|ProxyError|Tunnel connection failed|Could not fetch URL \S+: (?:connection error|timed out)"
)
_NOT_OFFERED = re.compile(
    r"Could not find a version that satisfies the requirement ([^\s(]+).*?\(from versions: (.*)\)"
)
_NO_MATCH = re.compile(r"No matching distribution found for ([^\s;]+)")
_CONFLICT = re.compile(r"^ERROR: Cannot install (.+) because these package versions have conflicting", re.MULTILINE)
_REFUSED = re.compile(r"\b(401|403|407)\b.{0,40}(?:Error|Unauthorized|Forbidden|Proxy)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|(?<![\w.])/[\w.+-]+/\S*")


def explain(output: str, *, relocking: bool, log: str) -> BundleError:
    """Say why pip failed and what to do; `relocking`: exact files were asked for again, by their hashes."""
    return BundleError(_explanation(output, relocking) or f"{_last_words(output)} (all of pip's output: {log})")


def _explanation(output: str, relocking: bool) -> str | None:
    # A broken network shows as "no such version" last of all, so it is asked about first.
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return NO_DISK
    if "CERTIFICATE_VERIFY_FAILED" in output:
        return "the package index's certificate is not trusted here: set PIP_CERT for the worker, then try again"
    if "not a trusted or secure host" in output:
        return (
            "the package index speaks plain http and is not trusted: use https, or set PIP_TRUSTED_HOST, then try again"
        )
    if "DO NOT MATCH THE HASHES" in output:
        return _changed(output, relocking)
    if _REFUSED.search(output):
        return "the package index refuses us: check the credentials in pip's configuration, then try again"
    if _NETWORK.search(output):
        return "the package index cannot be reached: check the network and pip's configuration, then try again"
    if conflict := _CONFLICT.search(output):
        return f"the packages asked for exclude each other ({conflict.group(1)}): change one version"
    return _unoffered(output, relocking)


def _unoffered(output: str, relocking: bool) -> str | None:
    if found := _NOT_OFFERED.search(output):
        wanted, offered = found.group(1), found.group(2).strip()
    elif found := _NO_MATCH.search(output):
        wanted, offered = found.group(1), ""
    else:
        return None
    if relocking:
        return (
            f"the package index no longer has {wanted}, which this bundle was locked to: "
            "offer the file again (PIP_FIND_LINKS), or ask for another version"
        )
    if offered in ("", "none"):
        return f"no wheel of {wanted} is offered to this Python: check the name, and pip's configuration"
    return f"{wanted} is not offered as a wheel to this Python; offered are {_latest(offered)}: ask for one of them"


def _changed(output: str, relocking: bool) -> str:
    package = re.search(r"^\s+(\S+==\S+)(?: from .*)?:?$", output, re.MULTILINE)
    which = package.group(1) if package else "a package"
    if relocking:
        return (
            f"the package index now has another file for {which} than this bundle was locked to: "
            "offer the old file again (PIP_FIND_LINKS), or ask for another version"
        )
    return f"the file that came for {which} is not the one the index promised: try again, then ask who runs the index"


def _latest(offered: str) -> str:
    versions = [version.strip() for version in offered.split(",")]
    return ("… " if len(versions) > 5 else "") + ", ".join(versions[-5:])


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")] or lines[-1:]
    return "pip failed: " + (_ADDRESS.sub("…", errors[-1])[:300] if errors else "it said nothing")
