"""Read an organisation's teams from GitHub: who maintains and who belongs to each, and which team is below which.

An account's number is its identity; its login is what it is called today. A reading is whole or not at all: a team that
the token may not see in full would otherwise look like one that everybody left.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from github import Auth, Github
from github.GithubException import BadCredentialsException, GithubException, RateLimitExceededException
from requests import RequestException
from urllib3.util import Retry

from governance.importing.gathering import LONGEST_AREA, Gathering, is_login, slug_of
from governance.importing.reading import AreaRead, OfficeRead, Place, Reading, SourceFile, SourceRefused

TOKEN_VARIABLE = "GITHUB_TOKEN"  # noqa: S105 - the variable's name, no token
ADDRESS_VARIABLE = "GITHUB_API_URL"
SOURCE = re.compile(r"github:([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))")
PER_PAGE = 100
MOST_PAGES = 500
ROLES = {"maintainer": "team maintainer", "member": "team member"}


class GitHubTeams:
    """GitHub's teams as a format. There are no files to it: the source is named `github:ORG`."""

    name = "github_teams"
    project = ""

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say that no files are of this kind."""
        return False

    def wants(self, path: str) -> bool:
        """Say that no file is to be opened."""
        return False

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Refuse files.

        Raises:
            SourceRefused: always.
        """
        raise SourceRefused("GitHub's teams are read from github:ORG, not from files; name the organisation so.")


FORMAT = GitHubTeams()


def read_teams(source: str, *, token: str | None = None, address: str | None = None) -> Reading:
    """Read the teams of `github:ORG`. Token and address are the environment's where they are not given.

    Raises:
        SourceRefused: when the source is not named so, when there is no token, or when GitHub does not tell all.
    """
    match = SOURCE.fullmatch(source)
    if match is None:
        raise SourceRefused(f"{source[:80]}: not an organisation on GitHub; write github:ORG.")
    token = os.environ.get(TOKEN_VARIABLE, "") if token is None else token
    if not token.strip():
        raise SourceRefused(f"{source}: {TOKEN_VARIABLE} is not set; GitHub shows teams only to a token with read:org.")
    address = address or os.environ.get(ADDRESS_VARIABLE) or "https://api.github.com"
    client = Github(
        auth=Auth.Token(token.strip()),
        base_url=address.rstrip("/"),
        per_page=PER_PAGE,
        # PyGithub's own retries sleep until a spent rate limit is renewed, up to an hour; we say so and stop.
        retry=Retry(
            total=2, status_forcelist=[500, 502, 503, 504], backoff_factor=0.3, respect_retry_after_header=False
        ),
        seconds_between_requests=0,
    )
    try:
        return Organisation(match[1], client).reading()
    finally:
        client.close()


class Organisation:
    """One organisation's teams, as GitHub tells them now."""

    def __init__(self, login: str, client: Github) -> None:
        self.source = f"github:{login}"
        self.login = login
        self.client = client
        self.to = Gathering(login.lower(), FORMAT.name)

    def reading(self) -> Reading:
        """Return all teams with their people."""
        self.check_name()
        teams = [team for team in self.every(f"/orgs/{self.login}/teams", "list of teams") if self.is_team(team)]
        slugs = {team["id"]: team["slug"] for team in teams}
        for team in sorted(teams, key=lambda team: depth(team, teams)):
            self.read_team(team, slugs)
        return self.to.reading()

    def check_name(self) -> None:
        """Refuse a name that the organisation no longer has, so that it is known under one name only."""
        answer = self.ask(f"/orgs/{self.login}", "organisation")
        login = answer.get("login") if isinstance(answer, dict) else None
        if not isinstance(login, str) or not is_login(login):
            raise SourceRefused(f"{self.source}: GitHub's answer names no organisation; is the address GitHub's?")
        if login.lower() != self.login.lower():
            raise SourceRefused(f"{self.source}: the organisation is now called {login}; read github:{login}.")

    def is_team(self, team: Any) -> bool:
        """Say whether an entry of the list is a team; tell the one that is not."""
        if isinstance(team, dict) and isinstance(team.get("id"), int):
            slug, name = team.get("slug"), team.get("name")
            if (
                isinstance(slug, str)
                and re.fullmatch(r"[\w.-]{1,100}", slug)
                and isinstance(name, str)
                and name.strip()
            ):
                return True
        self.to.leave(Place(f"{self.source}/teams"), str(team)[:200], "not a team: it has no number, slug or name")
        return False

    def read_team(self, team: dict[str, Any], slugs: dict[int, str]) -> None:
        """Make the team an area with two offices, and put its people into them."""
        place = Place(f"{self.source}/teams/{team['slug']}")
        above = parent_number(team)
        parent = slugs.get(above) if above is not None else None
        if team.get("parent") and parent is None:
            self.to.leave(place, str(team["parent"])[:200], "the team above is not one that the token shows")
        name = f"team {team['name'].strip()}"[:LONGEST_AREA]
        slug = self.to.slug_for(name, slug_of(team["slug"], tail="-team"))
        area = self.to.area(AreaRead(slug, name, place, slug_of(parent, tail="-team") if parent else ""))
        for role, title in ROLES.items():
            office = self.to.office(OfficeRead(f"{area}-{role}", f"{role} of {name}", "area", place, title, area))
            for member in self.every(f"/orgs/{self.login}/teams/{team['slug']}/members", "list of members", role=role):
                self.read_member(member, office, place)

    def read_member(self, member: Any, office: str, place: Place) -> None:
        """Put one account into an office; GitHub lists the people of teams below a team as its own, too."""
        account = member if isinstance(member, dict) else {}
        login, number = account.get("login"), account.get("id")
        if isinstance(login, str) and account.get("type", "User") != "User":
            self.to.leave(place, login, "an automatic account, not a person")
        elif not isinstance(login, str) or not is_login(login) or type(number) is not int:
            self.to.leave(place, str(member)[:200], "not an account: it has no login or no number")
        else:
            self.to.hold(office, self.to.person(place, github=login, number=number), place)

    # --- asking ---------------------------------------------------------------------------------------------------

    def every(self, path: str, what: str, **parameters: str) -> Iterator[Any]:
        """Return the entries of a list, page after page."""
        for page in range(1, MOST_PAGES + 1):
            numbered = {"page": str(page)} if page > 1 else {}
            entries = self.ask(path, what, **parameters, **numbered)
            if not isinstance(entries, list):
                raise SourceRefused(f"{self.source}: GitHub's answer is no {what}; is the address GitHub's?")
            yield from entries
            if 'rel="next"' not in self.link:
                return
        raise SourceRefused(f"{self.source}: the {what} does not end; is the address GitHub's?")

    def ask(self, path: str, what: str, **parameters: str) -> Any:
        """Return GitHub's answer to one question."""
        query = parameters if what == "organisation" else {"per_page": str(PER_PAGE), **parameters}
        with in_one_line(self.source, what):
            headers, answer = self.client.requester.requestJsonAndCheck("GET", path, parameters=dict(query))
        self.link = str(headers.get("link", ""))
        return answer


def parent_number(team: dict[str, Any]) -> int | None:
    """Return the number of the team above one, if there is one."""
    above = team.get("parent")
    number = above.get("id") if isinstance(above, dict) else None
    return number if isinstance(number, int) else None


def depth(team: dict[str, Any], teams: list[dict[str, Any]]) -> int:
    """Return how many teams are above one, so that a parent is read before its children."""
    above = {other["id"]: parent_number(other) for other in teams}
    now, steps = parent_number(team), 0
    while now is not None and steps < len(teams):
        now, steps = above.get(now), steps + 1
    return steps


@contextmanager
def in_one_line(source: str, what: str) -> Iterator[None]:
    """Turn whatever goes wrong in asking into one line with a remedy."""
    try:
        yield
    except RateLimitExceededException as error:
        raise SourceRefused(f"{source}: GitHub's rate limit is spent; try again {when_renewed(error)}.") from error
    except BadCredentialsException as error:
        raise SourceRefused(
            f"{source}: GitHub does not know the token in {TOKEN_VARIABLE} (401); make a new one."
        ) from error
    except GithubException as error:
        raise SourceRefused(f"{source}: {refusal(error, what)}") from error
    except RequestException as error:
        raise SourceRefused(f"{source}: GitHub cannot be reached ({type(error).__name__}); try again later.") from error
    except (AssertionError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        # PyGithub parses before it checks: an answer that is not GitHub's ends in any of these.
        raise SourceRefused(f"{source}: the answer on the {what} is not GitHub's; check {ADDRESS_VARIABLE}.") from error


def refusal(error: GithubException, what: str) -> str:
    """Say what a status means and what to do."""
    if error.status == 401:
        return f"GitHub wants to know who asks (401); put a token with read:org into {TOKEN_VARIABLE}."
    if error.status == 403:
        return f"the token may not read the {what} (403); give it read:org, and single sign-on where it is asked for."
    if error.status == 404:
        return f"the {what} is not there, or the token may not see it (404); check the name, and that it has read:org."
    return f"GitHub answered {error.status} on the {what}; try again later."


def when_renewed(error: RateLimitExceededException) -> str:
    """Say when GitHub answers again, as its headers tell."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if str(wait := headers.get("retry-after", "")).isdecimal():
        return f"in {wait} seconds"
    if str(reset := headers.get("x-ratelimit-reset", "")).isdecimal() and len(str(reset)) < 12:
        return f"after {datetime.fromtimestamp(int(reset), UTC):%Y-%m-%d %H:%M} UTC"
    return "in an hour"
