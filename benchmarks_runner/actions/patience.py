"""Go on where the database was away for a moment: what was measured is worth waiting for."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar, cast

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5
_RAISE = object()


def patiently(
    ask: Callable[[], Answer], *, seconds: float = PATIENCE_SECONDS, otherwise: Answer | object = _RAISE
) -> Answer:
    """Return the answer, asking again while the database is away; at the end `otherwise`, or its error.

    Only for what may be done twice: the first try may have been committed although its answer was lost.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            connection.close()
            if time.monotonic() >= end:
                if otherwise is _RAISE:
                    raise
                return cast(Answer, otherwise)
            logger.warning("the database is away, trying again: %s", error)
            time.sleep(PAUSE_SECONDS)
