"""Django's commands and the rooms' own, with the embedded database started where one finds it asleep."""

from collections.abc import Sequence

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError, connections
from psycopg.errors import UndefinedColumn, UndefinedTable

from config.launcher import LaunchError, Services, services_running
from config.up.telling import complain, tell


def run_command(argv: Sequence[str]) -> int:
    """Run one command and return its exit status; what is wrong with the database is one line and status 2.

    A command finds out by its first question that the embedded database does not run; nothing has happened by then,
    so it is run again with the services, which are stopped afterwards unless somebody else uses them.
    """
    if unreadable := next((word for word in argv if not encodable(word)), None):
        complain(f"{unreadable!a} is not UTF-8 text: write it in UTF-8")
        return 2
    try:
        try:
            execute_from_command_line(list(argv))
        except OperationalError:
            services = Services(settings.DATA_DIR)
            if "postgres" not in services.parts or services.running():
                raise
            run_with_services(argv)
    except LaunchError as reason:
        complain(str(reason))
        return 2
    except (OperationalError, ProgrammingError) as error:
        return refused(error)
    return 0


def encodable(word: str) -> bool:
    """Say whether an argument is text: bytes that are not come in as lone surrogates, which no column takes."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def run_with_services(argv: Sequence[str]) -> None:
    """Run a command again with the embedded services."""
    connections.close_all()
    with services_running(settings.DATA_DIR, tell):
        try:
            execute_from_command_line(list(argv))
        finally:
            connections.close_all()


def refused(error: OperationalError | ProgrammingError) -> int:
    """Say in one line what is wrong with the database; a mistake of ours is not hidden so."""
    words = (str(error).strip().splitlines() or ["no reason given"])[0]
    if isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
        complain(f"the database is not prepared ({words}): python3 manage.py migrate; `up` does it by itself")
    elif isinstance(error, OperationalError):
        complain(f"the database does not answer: {words}")
    else:
        raise error
    return 2
