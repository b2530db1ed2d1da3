"""People as facts, with their identities and employers; the projects and their areas."""

from ecosystem.models.area import Area
from ecosystem.models.login import Login
from ecosystem.models.merge import KeptApart, Merge
from ecosystem.models.person import Affiliation, Employer, Identity, Person
from ecosystem.models.project import Project
from ecosystem.models.request import Request, Withheld

__all__ = [
    "Affiliation",
    "Area",
    "Employer",
    "Identity",
    "KeptApart",
    "Login",
    "Merge",
    "Person",
    "Project",
    "Request",
    "Withheld",
]
