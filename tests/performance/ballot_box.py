"""Measure what a cast costs: the whole box is opened and sealed each time. Run it with manage.py's Python.

DJANGO_SETTINGS_MODULE=config.settings .venv/bin/python -m tests.performance.ballot_box
"""

import random
import time

import django

CANDIDATES = 15


def measured(electors: int) -> str:
    """Return size and times of a full box."""
    from governance.ballot_box import Box, capacity, destroy_key, make_key, new_receipt, seal, unseal

    election = 10**9
    make_key(election)
    box = Box(voted=set(range(10**6, 10**6 + electors)))
    for _ in range(electors):
        box.put(new_receipt(), {str(10**6 + number): random.randint(1, CANDIDATES) for number in range(CANDIDATES)})
    began = time.perf_counter()
    sealed = seal(box, election=election, capacity=capacity(electors=electors, candidates=CANDIDATES))
    between = time.perf_counter()
    unseal(sealed, election=election)
    ended = time.perf_counter()
    destroy_key(election)
    size, sealing, opening = len(sealed) / 1e6, 1e3 * (between - began), 1e3 * (ended - between)
    return f"{electors:>6} electors: {size:5.2f} MB, sealed in {sealing:4.0f} ms, opened in {opening:4.0f} ms"


if __name__ == "__main__":
    django.setup()
    for number in (100, 1_000, 10_000):
        print(measured(number))
