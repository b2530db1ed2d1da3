"""Every address of the site and for whom it is: the table that tests/unit/site walks over."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from governance.models import Office
from tests.factories.people import a_person
from tests.factories.whole_site import ACCOUNTS, Site, a_whole_site

ALL = frozenset({"anonymous", *ACCOUNTS})
SIGNED_IN = frozenset(ACCOUNTS)
# A person of the project acts; an account that acts for nobody does not, and an administrator's flag helps nobody.
PEOPLE = frozenset(ACCOUNTS) - {"guest", "admin"}
SIGNS = frozenset({"core", "lead"})
CLERKS = SIGNS | {"admin"}
ADMIN = frozenset({"admin"})
ADOPTERS = frozenset({"core", "lead"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Address:
    """For whom an address is: who may read it, and who may do what it does (None: it takes no such request)."""

    reads: frozenset[str] | None = None
    acts: frozenset[str] | None = None
    sends: dict[str, object] = field(default_factory=dict)
    # The words of its address, by the names in tests/factories/whole_site.py; `{words}` in what it sends as well.
    words: dict[str, str] = field(default_factory=dict)
    writes: bool = True


def of(**words: str) -> dict[str, str]:
    return words


def page(**words: str) -> Address:
    """A public page."""
    return Address(reads=ALL, words=words)


def proposal(acts: frozenset[str], on: str = "proposal", key: str = "", **sends: object) -> Address:
    """An act on a proposal."""
    return Address(acts=acts, sends=sends, words={"slug": on, **({"key": key} if key else {})})


def vote(acts: frozenset[str], **sends: object) -> Address:
    """An act in a vote."""
    return Address(acts=acts, sends=sends, words=of(pk="ballot"))


PASSWORDS = {"oldpassword": "x", "new_password1": "spindle & whorl 7", "new_password2": "spindle & whorl 7"}
NIGHT = {"candidate": "six==1.17.0", "baseline": "six==1.16.0", "suite": "selftest", "confirmed": "yes", "ask": "1"}
CALLED = {
    "decision": "change_modules", "question": "Looms?", "share": "1/2", "base": "seated", "days": 7, "zone": "UTC",
    "electorate": ["core"],
}  # fmt: skip
ANNOUNCED = {
    "title": "Another", "slug": "another", "office": "{council}", "rule": "https://example.org/rule", "seats": 1,
    "method": "schulze", "unranked": "excluded", "tie_break": ["draw"], "electing_offices": ["{core_office}"],
    "electors_on": "2026-01-01", "nominators": "anyone", "officers": "author-example", "zone": "UTC",
    "nominations_until": "2031-01-02", "exceptions_until": "2031-01-02", "voting_from": "2031-01-04",
    "voting_until": "2031-01-09", "takes_office_on": "2031-02-01", "long_until": "2033-02-01", "publish_from": 15,
}  # fmt: skip

TABLE: dict[str, Address] = {
    "healthz": page(),
    # governance: to read
    "governance:home": page(),
    "governance:releases": page(),
    "governance:release": page(version="release"),
    "governance:offices": page(),
    "governance:office": page(slug="office"),
    "governance:api_people": page(),
    "governance:api_person": page(slug="person"),
    "governance:api_offices": page(),
    "governance:api_office": page(slug="office"),
    "governance:api_areas": page(),
    "governance:api_area": page(slug="area"),
    "governance:api_coverage": page(),
    "governance:api_description": page(),
    "governance:coverage": page(),
    "governance:coverage_csv": page(),
    "governance:charters": page(),
    "governance:charter": page(project="project"),
    "governance:charter_version": page(project="project", number="one"),
    "governance:elections": page(),
    "governance:election": page(slug="voting"),
    "governance:election_roll": page(slug="voting"),
    "governance:election_results": page(slug="voting"),
    "governance:election_observers": page(slug="voting"),
    "governance:proposals": page(),
    "governance:proposal": page(slug="proposal"),
    "governance:proposal_revision": page(slug="proposal", number="one"),
    "governance:proposal_changes": page(slug="proposal", before="one", after="two"),
    "governance:proposals_feed": page(),
    "governance:deadlines_calendar": page(),
    "governance:ballots": page(),
    "governance:ballot": page(pk="ballot"),
    "governance:imports": page(),
    "governance:import": page(number="import"),
    # governance: before a count nobody reads a ballot, whoever they are
    "governance:election_ballots": Address(reads=NOBODY, words=of(slug="voting")),
    "governance:election_coded": Address(reads=NOBODY, words=of(slug="voting")),
    "governance:election_affiliations": Address(reads=NOBODY, words=of(slug="voting")),
    "governance:election_sitting": Address(reads=NOBODY, words=of(slug="voting")),
    "governance:election_order": Address(reads=NOBODY, words=of(slug="voting")),
    # releases
    "governance:plan_release": Address(SIGNS | ADMIN, SIGNS | ADMIN, {"version": "2.15.0"}),
    "governance:release_evidence": Address(
        SIGNS | ADMIN, SIGNS | ADMIN, {"candidate": "", "night": ""}, of(version="release")
    ),
    # The night is not decided: there is nothing to sign, for nobody.
    "governance:sign_release": Address(None, NOBODY, {"evidence": ""}, of(version="release")),
    # check-ins
    "governance:check_ins": Address(SIGNED_IN),
    "governance:ask_check_in": Address(None, CLERKS, {}, of(number="term")),
    "governance:answer_check_in": Address(None, frozenset({"maintainer"}), {"answer": "active"}, of(number="check_in")),
    # elections
    "governance:new_election": Address(CLERKS, CLERKS, ANNOUNCED),
    "governance:election_nominate": Address(
        SIGNED_IN, frozenset({"core"}), {"person": "member-example", "reason": "Weaves."}, of(slug="nominating")
    ),
    "governance:election_nomination": Address(
        ALL, frozenset({"author"}), {"statement": "I weave."}, of(slug="nominating", person="candidate")
    ),
    "governance:election_answer": Address(
        None, frozenset({"author"}), {"answer": "accept"}, of(slug="nominating", person="candidate")
    ),
    # The rule of this election asks for no endorsements; tests/unit/governance/test_endorsements.py has one that does.
    "governance:election_endorsement": Address(
        None, NOBODY, {"act": "endorse"}, of(slug="nominating", person="candidate")
    ),
    "governance:election_exceptions": Address(
        SIGNED_IN, PEOPLE - {"author", "core"}, {"words": "I weave too."}, of(slug="nominating")
    ),
    "governance:election_vote": Address(frozenset({"core"}), frozenset({"core"}), {"{mark}": 1}, of(slug="voting")),
    # A receipt is all that these two ask for; none of these is one, so nothing is shown or written.
    "governance:election_replace": Address(ALL, ALL, {"receipt": "X" * 32}, of(slug="voting"), writes=False),
    "governance:election_find": Address(ALL, ALL, {"receipt": "X" * 32}, of(slug="voting"), writes=False),
    "governance:election_officers": Address(frozenset({"officer"}), None, {}, of(slug="nominating")),
    "governance:election_step": Address(
        None, frozenset({"officer"}), {"step": "open-voting"}, of(slug="nominating"), writes=False
    ),
    "governance:election_activity": Address(
        None,
        frozenset({"officer"}),
        {"text": "ida, 3", "source": "https://example.org/a"},
        of(slug="nominating"),
        writes=False,
    ),
    "governance:election_decide": Address(
        None, frozenset({"officer"}), {"granted": "yes", "reason": "So."}, of(slug="nominating", pk="exception")
    ),
    "governance:election_tie": Address(
        None, frozenset({"officer"}), {"how": "draw", "reason": "So."}, of(slug="voting"), writes=False
    ),
    "governance:election_cancel": Address(None, frozenset({"officer"}), {"reason": "So."}, of(slug="voting")),
    # proposals
    "governance:write_proposal": Address(PEOPLE, PEOPLE, {"title": "Looms", "text": "More of them."}),
    "governance:revise_proposal": Address(
        frozenset({"author"}), frozenset({"author"}), {"title": "T", "text": "Three.", "seen": 2}, of(slug="proposal")
    ),
    "governance:take_position": proposal(PEOPLE, stand="agree"),
    "governance:withdraw_position": proposal(frozenset({"core"})),
    "governance:raise_concern": proposal(frozenset({"maintainer", "core", "lead"}), name="wool", text="It scratches."),
    "governance:resolve_concern": proposal(frozenset({"maintainer"}), key="concern", reason="Untangled."),
    "governance:place_hold": proposal(frozenset({"maintainer", "core", "lead"}), reason="Wait."),
    "governance:lift_hold": proposal(frozenset({"core", "maintainer"}), key="hold", reason="Go."),
    "governance:begin_final_comment": proposal(
        frozenset({"core"}), on="final_comment", disposition="merge", zone="UTC", days=10
    ),
    "governance:stop_final_comment": proposal(NOBODY, on="final_comment", reason="So."),
    "governance:move_proposal": proposal(frozenset({"author"}), on="free", enters="commenting", reason=""),
    "governance:become_shepherd": proposal(frozenset({"maintainer", "core", "lead"})),
    "governance:cease_to_shepherd": proposal(NOBODY),
    "governance:ask_reviewer": proposal(frozenset({"author", "maintainer", "core", "lead"}), person="member-example"),
    "governance:place_proposal": proposal(
        frozenset({"author", "maintainer", "core", "lead"}), implementation="https://example.org/2"
    ),
    "governance:add_link": proposal(frozenset({"author", "maintainer", "core", "lead"}), url="https://example.org/9"),
    "governance:remove_link": proposal(frozenset({"author", "maintainer", "core", "lead"}), key="link"),
    # votes
    "governance:call_ballot": Address(
        frozenset({"maintainer", "core", "lead"}), frozenset({"maintainer", "core", "lead"}), CALLED
    ),
    "governance:choose": vote(frozenset({"core"}), word="yes"),
    "governance:second_ballot": vote(NOBODY),
    "governance:tell_conflict": vote(frozenset({"core"}), reason="I own a loom."),
    "governance:recuse": Address(
        None, frozenset({"core"}), {"reason": "I own a loom."}, of(pk="ballot", elector="elector")
    ),
    "governance:take_part_again": vote(NOBODY, reason="Sold it."),
    "governance:cancel_ballot": vote(frozenset({"core"}), reason="So."),
    # changes of a charter
    "governance:charter_text": page(project="project", number="one"),
    "governance:compare_charters": Address(reads=NOBODY, words=of(project="project")),
    "governance:charter_changes": Address(reads=NOBODY, words=of(project="project", before="one", after="two")),
    "governance:propose_charter": Address(PEOPLE, PEOPLE, {"toml": "x"}, of(project="project"), writes=False),
    "governance:enter_charter": Address(ADOPTERS, ADOPTERS, {"toml": "x"}, of(project="project"), writes=False),
    "governance:charter_entry": page(project="project", pk="entry"),
    "governance:confirm_charter": Address(
        None, ADOPTERS - {"core"}, {"seen": ""}, of(project="project", pk="entry"), writes=False
    ),
    "governance:withdraw_charter": Address(None, ADOPTERS, {"reason": "So."}, of(project="project", pk="entry")),
    "governance:revise_charter_change": Address(
        frozenset({"author"}), frozenset({"author"}), {"toml": "x"}, of(slug="change"), writes=False
    ),
    "governance:charter_change": page(slug="change", number="one"),
    "governance:charter_change_text": page(slug="change", number="one"),
    "governance:adopt_charter_change": Address(
        None, ADOPTERS, {"on": "2031-01-01", "seen": ""}, of(slug="change", number="one"), writes=False
    ),
    # imports
    "governance:apply_import": Address(None, CLERKS, {"seen": "{seen}"}, of(number="import")),
    "governance:undo_import": Address(None, CLERKS, {}, of(number="import"), writes=False),
    # accounts
    "governance:portal": Address(SIGNED_IN),
    "governance:login": Address(ALL, ALL, {"login": "nobody", "password": "x"}, writes=False),
    "governance:logout": Address(None, ALL, writes=False),
    "governance:new_password": Address(SIGNED_IN, SIGNED_IN, PASSWORDS, writes=False),
    "governance:invite_whom": Address(CLERKS, CLERKS, writes=False),
    "governance:invite": Address(CLERKS, CLERKS, {}, of(slug="stranger")),
    "governance:kept_invitation": Address(NOBODY, NOBODY),
    "governance:accept_invitation": Address(NOBODY, NOBODY, {}, of(token="token")),
    "governance:first_administrator": Address(NOBODY, NOBODY, {}, of(token="token")),
    "governance:accounts/invitation/<str:token>": Address(NOBODY, NOBODY, {}, of(token="token")),
    "governance:accounts/administrator/<str:token>": Address(NOBODY, NOBODY, {}, of(token="token")),
    "account_login": Address(ALL, ALL, {"login": "nobody", "password": "x"}, writes=False),
    "account_logout": Address(None, ALL, writes=False),
    "account_inactive": Address(NOBODY),
    "github_login": Address(NOBODY),
    "github_callback": Address(NOBODY),
    "socialaccount_login_cancelled": page(),
    "socialaccount_connections": page(),
    # ecosystem
    "ecosystem:areas": page(),
    "ecosystem:area": page(slug="area"),
    "ecosystem:people": page(),
    "ecosystem:person": page(slug="person"),
    "ecosystem:ask": Address(ALL, ALL, {"kind": "correction", "words": "Wrong."}),
    "ecosystem:ask_about": Address(ALL, ALL, {"kind": "correction", "words": "Wrong."}, of(slug="person")),
    "ecosystem:requests": Address(ADMIN),
    "ecosystem:answer_request": Address(None, ADMIN, {"answer": "decline"}, of(number="request")),
    "ecosystem:decide_word": Address(None, ADMIN, {"word": "silver", "means": "else"}, of(number="withheld")),
    "ecosystem:rename_login": Address(
        ADMIN,
        ADMIN,
        {"account": "{identity}", "login": "rita-n", "on": "2024-05-01", "source": "https://example.org/1"},
        of(slug="renamed"),
    ),
    "ecosystem:duplicates": Address(ADMIN),
    "ecosystem:decide_duplicates": Address(
        None, ADMIN, {"do": "merge", "person": "author-example", "into": "member-example", "reason": "One."}
    ),
    # performance
    "benchmarks_runner:nights": page(),
    "benchmarks_runner:new_night": Address(SIGNS | ADMIN, SIGNS | ADMIN, NIGHT, writes=False),
    "benchmarks_runner:night": page(pk="night"),
    "benchmarks_runner:night_csv": page(pk="night"),
    "benchmarks_runner:night_json": page(pk="night"),
    "benchmarks_runner:cancel_night": Address(None, SIGNS | ADMIN, {}, of(pk="night")),
    "benchmarks_runner:run_night_again": Address(None, SIGNS | ADMIN, {}, of(pk="night"), writes=False),
    "benchmarks_runner:extend_night": Address(None, SIGNS | ADMIN, {"rounds": 3}, of(pk="night"), writes=False),
    "benchmarks_runner:point": page(pk="night", point="point"),
    "benchmarks_runner:point_csv": page(pk="night", point="point"),
    "benchmarks_runner:roofline_csv": page(pk="night", point="point"),
    "benchmarks_runner:builds": page(),
    "benchmarks_runner:build": page(pk="build"),
    "benchmarks_runner:machines": page(),
    "benchmarks_runner:machine": page(pk="machine"),
    "benchmarks_runner:noise_csv": page(pk="machine"),
    "benchmarks_runner:gallery": page(),
    "benchmarks_runner:theme": Address(None, ALL, {"theme": "dark"}, writes=False),
    # record
    "record:list": page(),
    "record:export": page(),
    "record:feed": page(),
    "record:event": page(position="one"),
}


# -- walking ---------------------------------------------------------------------------------------------------------


def addresses(resolver: URLResolver, names: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the name of each address below a resolver; one without a name is called by its route."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each, (*names, each.namespace) if each.namespace else names)
        elif isinstance(each, URLPattern):
            yield ":".join((*names, each.name or str(each.pattern)))


def own_addresses() -> list[str]:
    """Return every address but those of Django's administration."""
    return [name for name in addresses(get_resolver()) if not name.startswith("admin:")]


def site_with_words() -> Site:
    """Have one site, and the words that only this walk needs."""
    made = a_whole_site()
    assert made.voting is not None
    a_person("Stranger Example")
    made.words |= {
        "one": 1,
        "two": 2,
        "release": "2.14.0",
        "stranger": "stranger-example",
        "token": "t" * 43,
        "council": Office.objects.get(slug="council").pk,
        "core_office": Office.objects.get(role="core").pk,
        "mark": f"mark-{next(iter(made.voting.keys().values()))}",
        "seen": "",
    }
    return made


def path_of(name: str, site: Site) -> str:
    """Return an address on this site."""
    words = {word: site.words[key] for word, key in TABLE[name].words.items()}
    try:
        return reverse(name, kwargs=words)
    except NoReverseMatch:
        # Two have no name: a link that lost its last sign on the way.
        return "/" + name.removeprefix("governance:").replace("<str:token>", str(words["token"]))


def sent(name: str, site: Site) -> dict[str, object]:
    """Return what a form sends, with this site's own keys in it."""

    def filled(value: object) -> object:
        if isinstance(value, list):
            return [filled(each) for each in value]
        whole = value[1:-1] if isinstance(value, str) and value[:1] == "{" else None
        return site.words[whole] if whole else value

    return {str(filled(key)): filled(value) for key, value in TABLE[name].sends.items()}


def client_of(account: str, site: Site, *, strict: bool = False) -> Client:
    """Return the browser of an account."""
    client = Client(enforce_csrf_checks=strict, raise_request_exception=False)
    if account != "anonymous":
        client.force_login(site.accounts[account])
    return client


def let_in(response: HttpResponseBase) -> bool:
    """Say whether a request was let in: not refused, not led to the sign-in page, not told of nothing there."""
    to_sign_in = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
    return response.status_code < 400 and not to_sign_in


def everybody(site: Site) -> dict[str, Client]:
    return {account: client_of(account, site) for account in sorted(ALL)}
