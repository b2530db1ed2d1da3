"""People as facts, with their identities and employers; the areas of the framework."""

from ecosystem.models.area import Area
from ecosystem.models.person import Affiliation, Employer, Identity, Person

__all__ = ["Affiliation", "Area", "Employer", "Identity", "Person"]
