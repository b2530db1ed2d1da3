"""What happened, who did it and when; never changed afterwards."""

from record.models.event import Event

__all__ = ["Event"]
