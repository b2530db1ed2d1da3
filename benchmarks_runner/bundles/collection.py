"""Decide which environments make room on disk, and take them away."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks_runner.bundles.inventory import marker_of
from benchmarks_runner.bundles.store import COPIES, Copy, Store


@dataclass(frozen=True)
class Held:
    """One copy of an environment on disk: what it alone takes, and the unpacked wheels it shares."""

    digest: str
    copy: Copy
    own_bytes: int
    wheels: frozenset[str]


@dataclass(frozen=True)
class Holdings:
    """What lies in a store: environments, and the bytes of each unpacked wheel by its folder below wheels/."""

    environments: tuple[Held, ...]
    wheels: Mapping[str, int]

    @property
    def total_bytes(self) -> int:
        """Add up what is on disk; files that have two names count once."""
        return sum(held.own_bytes for held in self.environments) + sum(self.wheels.values())

    def without(self, digest: str, copies: Collection[Copy] = COPIES) -> "Holdings":
        """Return what would be left without these copies and without the wheels that nobody else uses."""
        left = tuple(held for held in self.environments if held.digest != digest or held.copy not in copies)
        return Holdings(left, {wheel: size for wheel, size in self.wheels.items() if wheel in _used(left)})

    def sizes(self) -> dict[str, int]:
        """Say what each environment takes, a wheel counted for the first environment that uses it."""
        sizes: dict[str, int] = {}
        counted: set[str] = set()
        for held in self.environments:
            fresh = (held.wheels & self.wheels.keys()) - counted
            counted |= fresh
            taken = held.own_bytes + sum(self.wheels[wheel] for wheel in fresh)
            sizes[held.digest] = sizes.get(held.digest, 0) + taken
        return sizes


@dataclass(frozen=True)
class Plan:
    """What to take away, in this order, and what is left then."""

    removals: tuple[tuple[str, tuple[Copy, ...]], ...]
    before_bytes: int
    after_bytes: int

    @property
    def gone(self) -> tuple[str, ...]:
        """List the environments of which no copy stays."""
        return tuple(digest for digest, copies in self.removals if set(copies) == set(COPIES))


def choose(holdings: Holdings, *, budget_bytes: int, in_use: Collection[str], last_used: Mapping[str, float]) -> Plan:
    """Choose what to take away until the rest fits the budget: the least recently used first, never what is in use.

    Second copies go before any environment does: they are made again without a download.
    `last_used` holds a time for each digest that was ever used; an environment without one goes first.
    """
    before, removals = holdings.total_bytes, []
    # Wheels of an installation that broke off: nobody has them, so they go whatever the budget says.
    holdings = Holdings(
        holdings.environments,
        {wheel: size for wheel, size in holdings.wheels.items() if wheel in _used(holdings.environments)},
    )
    idle = sorted(
        {held.digest for held in holdings.environments} - set(in_use), key=lambda one: last_used.get(one, 0.0)
    )
    second: list[tuple[str, tuple[Copy, ...]]] = [
        (held.digest, ("b",))
        for one in idle
        for held in holdings.environments
        if (held.digest, held.copy) == (one, "b")
    ]
    for digest, copies in [*second, *((one, COPIES) for one in idle)]:
        if holdings.total_bytes <= budget_bytes:
            break
        holdings = holdings.without(digest, copies)
        removals.append((digest, copies))
    return Plan(tuple(removals), before, holdings.total_bytes)


def holdings_of(store: Store) -> Holdings:
    """Read from the markers what lies in a store, environments in the order they were installed in."""
    folders = sorted(_folders(store.environments), key=lambda folder: folder.stat().st_mtime)
    wheels = {
        f"{tree.parent.name}/{tree.name}": (marker_of(tree) or {}).get("bytes", 0)
        for wheel in _folders(store.wheels)
        for tree in _folders(wheel)
    }
    return Holdings(tuple(_held(folder, wheels) for folder in folders), wheels)


def carry_out(store: Store, plan: Plan) -> None:
    """Take away what a plan names, then the wheels that nothing uses any more. The store must be held."""
    for digest, copies in plan.removals:
        for copy in copies:
            if store.environment(digest, copy).exists():
                store.discard(store.environment(digest, copy))
    left = holdings_of(store)
    for wheel in left.wheels.keys() - _used(left.environments):
        store.discard(store.wheels / wheel)
    for folder in _folders(store.wheels):
        if not any(folder.iterdir()):
            folder.rmdir()


def _held(folder: Path, wheels: Mapping[str, int]) -> Held:
    """Read one environment; a folder without a marker counts as nothing and is the first to go."""
    digest, _, name = folder.name.rpartition("-")
    marker = marker_of(folder) or {}
    abi = marker.get("interpreter", "").partition(" ")[2]
    locked = frozenset(f"{row['sha256']}/{abi}" for row in marker.get("lock", ()))
    copy: Copy = "b" if name == "b" else "a"
    # A true copy shares nothing; it needs no unpacked wheel once it is made.
    return Held(digest, copy, marker.get("bytes", 0), frozenset() if copy == "b" else locked & wheels.keys())


def _used(environments: Collection[Held]) -> set[str]:
    return {wheel for held in environments for wheel in held.wheels}


def _folders(path: Path) -> Iterator[Path]:
    return (folder for folder in path.iterdir() if folder.is_dir()) if path.is_dir() else iter(())
