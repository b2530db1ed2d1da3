"""People as facts, with their identities and employers; the projects and their areas."""

from ecosystem.models.area import Area
from ecosystem.models.person import Affiliation, Employer, Identity, Person
from ecosystem.models.project import Project

__all__ = ["Affiliation", "Area", "Employer", "Identity", "Person", "Project"]
