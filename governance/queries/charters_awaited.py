"""What a charter's change asks of a person: to confirm what was entered, to adopt what was accepted."""

from datetime import datetime

from django.utils import timezone

from ecosystem.models import Person
from ecosystem.queries import kept_project
from governance.models import CharterChange
from governance.queries.awaited import Awaited
from governance.queries.charters import charter_of
from governance.queries.charters_proposed import adopting_roles, changes_proposed, waiting_entry
from governance.queries.roles import roles_of


def awaited_of_charters(person: Person, now: datetime) -> list[Awaited]:
    """Return what the kept project's charter asks of who holds the office that brings a version into force."""
    project = kept_project()
    entry = waiting_entry(project) if project else None
    proposed = CharterChange.objects.filter(revision__proposal__project=project).exists()
    charter = charter_of(project) if project and (entry or proposed) else None
    if project is None or charter is None:
        return []
    roles = roles_of(person.kept, charter, project, timezone.localdate(now))
    if not roles & set(adopting_roles(charter)):
        return []
    asked = []
    if entry and entry.entered_by.kept != person.kept:
        words = (
            f"Say whether {project.name} decided the version of its charter that {entry.entered_by.kept.name} entered."
        )
        asked.append(Awaited("charter", words, entry.get_absolute_url()))
    for one in changes_proposed(project) if proposed else ():
        if not one.in_the_way and one.accepted:
            words = f"Adopt the change of the charter that {one.progress.name} proposed: it is accepted."
            asked.append(Awaited("charter", words, one.accepted.get_absolute_url()))
    return asked
