"""Import the module that a distribution is known by. Run by path in the bundle's interpreter."""

import importlib
import importlib.metadata
import re
import sys


def normalised(name: str) -> str:
    """Write a distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def module_of(distribution: str) -> str:
    """Find the module that a distribution is known by: its own name, else the first public one it brings."""
    brought = [
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if normalised(distribution) in map(normalised, owners)
    ]
    named = [module for module in brought if normalised(module) == normalised(distribution)]
    public = sorted(module for module in brought if not module.startswith("_") and module.isidentifier())
    return (named or public or [distribution])[0]


if __name__ == "__main__":
    importlib.import_module(module_of(sys.argv[1]))
