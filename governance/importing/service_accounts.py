"""Tell service accounts from people: an account that a program acts by becomes no person, and is reported.

It is decided on what is at hand: the `[bot]` that GitHub puts behind an app's login, the source's own words (a team
called bots), and a short list of accounts that their projects name as such. A login that only sounds like one is a
person's: Bot-wxt1221 is an elector of NixOS. GitHub's own type of an account is asked where its API is read.
"""

from __future__ import annotations

from dataclasses import replace

from governance.importing.reading import PersonRead, Reading, Unread

REASON = "a service account, not a person"
APP = "[bot]"
# A team of this name says of its members what they are: "Bot Service Accounts in the Kubernetes org".
TEAMS_OF_SERVICE_ACCOUNTS = frozenset({"bots", "robots"})

KUBERNETES = "https://github.com/kubernetes/org/blob/main/config/kubernetes/org.yaml"
RUST = "https://github.com/rust-lang/team/blob/main/config.toml"
PYTORCH = "https://github.com/pytorch/pytorch/wiki/Bot-commands"
# Login in small letters → where its project says or shows that a program acts by it.
KNOWN = {
    **dict.fromkeys(
        (
            "k8s-ci-robot",
            "k8s-github-robot",
            "k8s-infra-cherrypick-robot",
            "k8s-infra-ci-robot",
            "k8s-publishing-bot",
            "k8s-release-robot",
        ),
        KUBERNETES,
    ),
    **dict.fromkeys(
        (
            "bors",
            "craterbot",
            "rfcbot",
            "rust-embedded-bot",
            "rust-highfive",
            "rust-lang-core-team-agenda-bot",
            "rust-lang-glacier-bot",
            "rust-log-analyzer",
            "rust-rfcbot",
            "rust-timer",
            "rustbot",
        ),
        RUST,
    ),
    **dict.fromkeys(
        ("pytorchbot", "pytorchmergebot"),
        PYTORCH,
    ),
}


def without_service_accounts(reading: Reading) -> Reading:
    """Return a reading without service accounts and what they hold; each mention of one is among the unread lines."""
    named = named_by_the_source(reading)
    programs = {person.key: person for person in reading.people if is_service_account(person) or person.key in named}
    if not programs:
        return reading
    held = [one for one in reading.holdings if one.person in programs]
    told = {(person.place, login_of(person)) for person in programs.values()}
    told |= {(one.place, login_of(programs[one.person])) for one in held}
    unread = {*reading.unread, *(Unread(place, login, REASON) for place, login in told)}
    return replace(
        reading,
        people=tuple(person for person in reading.people if person.key not in programs),
        holdings=tuple(one for one in reading.holdings if one.person not in programs),
        unread=tuple(sorted(unread)),
    )


def is_service_account(person: PersonRead) -> bool:
    """Say whether the login of somebody read is a program's."""
    login = login_of(person).lower()
    return login.endswith(APP) or login in KNOWN


def login_of(person: PersonRead) -> str:
    """Return the login of somebody read; the name, where a source gives only that."""
    return person.github or person.name


def named_by_the_source(reading: Reading) -> set[str]:
    """Return the keys of those whom the source puts into a team of service accounts."""
    areas = {one.slug for one in reading.areas if one.name.rpartition("/")[2].lower() in TEAMS_OF_SERVICE_ACCOUNTS}
    offices = {office.slug for office in reading.offices if office.area in areas}
    return {held.person for held in reading.holdings if held.office in offices}
