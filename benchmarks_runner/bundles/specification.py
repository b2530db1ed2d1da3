"""What a bundle's specification may say: exact packages and environment variables, separated by commas.

    torch==2.13.0
    torch==2.13.0,ATEN_CPU_CAPABILITY=default
    jax[cuda12]==0.9.1,numpy==2.4.6,XLA_FLAGS="--one,--two"

A value that holds a comma, a bracket or a quote, begins with = or ends with a space, stands in double quotes;
a quote inside is written twice.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from benchmarks_runner.bundles.variables import refusal

LONGEST = 1000
# As long as the columns that keep them.
LONGEST_TITLE = 200
LONGEST_NAME = 60
LONGEST_VERSION = 80
# Where several packages are asked for, the one that is measured.
FRAMEWORKS = ("torch", "jax", "tensorflow", "mlx", "onnxruntime", "numpy")

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)")
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://|\s@\s|^git\+")


class SpecificationError(ValueError):
    """A specification that cannot be a bundle; its one line says what to write instead."""


@dataclass(frozen=True)
class Specification:
    """Exact packages and environment variables, sorted and normalised."""

    requirements: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def canonical(self) -> str:
        """Write the one form that all equal requests share."""
        return ",".join([*self.requirements, *(f"{name}={_quoted(value)}" for name, value in self.variables.items())])

    @property
    def framework(self) -> tuple[str, str]:
        """Name the package that is measured, and its version."""
        named = dict(_name_and_version(requirement) for requirement in self.requirements)
        name = next((name for name in FRAMEWORKS if name in named), next(iter(named)))
        return name, named[name]

    @property
    def title(self) -> str:
        """Name the build for people: torch 2.13.0, ATEN_CPU_CAPABILITY=default. No two specifications share a title."""
        measured = self.framework[0]
        first = sorted(self.requirements, key=lambda requirement: _name_and_version(requirement)[0] != measured)
        words = [requirement.replace("==", " ") for requirement in first]
        whole = ", ".join([*words, *(f"{name}={_quoted(value)}" for name, value in self.variables.items())])
        return whole if len(whole) <= LONGEST_TITLE else _shortened(whole)


def parse(text: str) -> Specification:
    """Read a specification; raise SpecificationError with one line that says what to write instead."""
    _check_length("a specification", text, LONGEST)
    requirements: dict[str, str] = {}
    variables: dict[str, str] = {}
    for item in _items(text):
        if assignment := _ASSIGNMENT.match(item):
            _add(variables, *_variable(assignment.group(1), item[assignment.end() :].strip()))
        else:
            _add(requirements, *_requirement(item))
    if not requirements:
        raise SpecificationError("a specification names at least one package: write torch==2.13.0")
    read = Specification(
        tuple(requirements[name] for name in sorted(requirements)), MappingProxyType(dict(sorted(variables.items())))
    )
    # Versions written with three numbers make it longer than it was asked for; this form is read again.
    _check_length("a specification with its versions written out", read.canonical, LONGEST)
    return read


def _check_length(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise SpecificationError(f"{what} has at most {longest} characters, this one has {len(text)}")


def _items(text: str) -> Iterator[str]:
    """Cut at commas, but not inside the brackets of extras or a quoted value."""
    strange = next((character for character in text if not " " <= character <= "~"), None)
    if strange is not None:
        raise SpecificationError(
            f"a specification is one line of ASCII characters, without control characters: take out {strange!a}"
        )
    items, quoted, depth = [""], False, 0
    for character in text:
        quoted ^= character == '"'
        if not quoted:
            depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and not quoted and depth == 0:
            items.append("")
        else:
            items[-1] += character
    if quoted:
        raise SpecificationError('a quote is left open: write VAR="a,b", and a quote inside a value twice')
    for item in items:
        if not item.strip():
            raise SpecificationError(
                "an item is empty: write torch==2.13.0,VAR=value, with one comma between two items"
            )
        yield item.strip()


def _variable(name: str, written: str) -> tuple[str, str]:
    if name != name.upper():
        raise SpecificationError(
            f"{name}={written}: a package is pinned with two equal signs ({name}=={written}), a variable is upper-case"
        )
    if why := refusal(name):
        raise SpecificationError(f"{name} cannot be part of a bundle: {why}")
    if written.startswith('"'):
        if not re.fullmatch(r'"(?:[^"]|"")*"', written):
            raise SpecificationError(f"{name}: a quoted value ends with its quote, and a quote inside is written twice")
        return name, written[1:-1].replace('""', '"')
    if '"' in written:
        raise SpecificationError(f'{name}: put the whole value in quotes ({name}="…"), and write a quote inside twice')
    return name, written


def _requirement(item: str) -> tuple[str, str]:
    _refuse_foreign(item)
    try:
        requirement = Requirement(item)
    except InvalidRequirement:
        raise SpecificationError(f"{item!r} is neither package==version nor VARIABLE=value") from None
    if requirement.marker:
        raise SpecificationError(
            f"{item!r}: leave out the condition after the semicolon; the bundle is for this machine"
        )
    name, extras = canonicalize_name(requirement.name), ",".join(sorted(map(canonicalize_name, requirement.extras)))
    version = _pinned(requirement)
    _check_length("a package's name", name, LONGEST_NAME)
    _check_length("a version", version, LONGEST_VERSION)
    return name, f"{name}[{extras}]=={version}" if extras else f"{name}=={version}"


def _refuse_foreign(item: str) -> None:
    """Refuse what pip would take on a command line, but a specification never holds."""
    if item.startswith("-"):
        raise SpecificationError(
            f"{item.split()[0].split('=')[0]}: options are not part of a bundle; indexes and certificates "
            "belong into pip's own configuration or PIP_ variables of the worker"
        )
    if _ADDRESS.search(item):
        raise SpecificationError(
            "an address is not part of a bundle: write package==version, and let pip's configuration say where it lies"
        )
    if item.startswith((".", "/", "~")) or item.endswith((".whl", ".tar.gz", ".zip")):
        raise SpecificationError(
            f"{item!r} is a file: put the wheel into a folder that PIP_FIND_LINKS names, and write package==version"
        )


def _pinned(requirement: Requirement) -> str:
    """Return the one version asked for, written with at least three numbers: 2.13 and 2.13.0 are one version."""
    specifiers = list(requirement.specifier)
    if len(specifiers) != 1 or specifiers[0].operator != "==" or specifiers[0].version.endswith(".*"):
        raise SpecificationError(
            f"{requirement.name} is not pinned to one version: write {requirement.name}=={_example(specifiers)}"
        )
    return _normalised(Version(specifiers[0].version))


def _normalised(version: Version) -> str:
    release = list(version.release)
    while len(release) > 3 and release[-1] == 0:
        release.pop()
    numbers = ".".join(map(str, release + [0] * (3 - len(release))))
    epoch = f"{version.epoch}!" if version.epoch else ""
    # str() of a version writes what follows the release (rc1, .dev3, +cpu) in its normal form already.
    return epoch + numbers + str(version)[len(version.base_version) :]


def _example(specifiers: list) -> str:
    return specifiers[0].version.removesuffix(".*") if specifiers else "VERSION"


def _add(found: dict[str, str], name: str, value: str) -> None:
    if name in found:
        raise SpecificationError(f"{name} is named twice: write it once")
    found[name] = value


def _quoted(value: str) -> str:
    # What would be cut, taken for extras or for a second equal sign, or stripped.
    if any(character in value for character in ',"[]') or value.startswith("=") or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def _name_and_version(requirement: str) -> tuple[str, str]:
    name, _, version = requirement.partition("==")
    return name.partition("[")[0], version


def _shortened(title: str) -> str:
    mark = f"… {hashlib.sha256(title.encode()).hexdigest()[:8]}"
    return title[: LONGEST_TITLE - len(mark)] + mark
