"""Ten situations a project, answered by the software and held against the text that the rule is taken from.

What the software must answer is read from the rule text by the pattern beside each situation: where ../shared is
missing, the answers alone are looked at.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from governance import charter
from governance.charter import Answer, Charter, ProposalFacts
from tests.unit.charter.texts import number, sentence_found

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
TODAY = date(2026, 7, 1)


@dataclass(frozen=True)
class Situation:
    """A question; what its answer must be, and the sentence of the text from which that follows."""

    name: str
    ask: Callable[[Charter], Answer[Any]]
    holds: Callable[[Answer[Any]], bool]
    document: str
    says: str
    agrees: Callable[[re.Match[str], Answer[Any]], bool] = lambda found, answer: True

    def __str__(self) -> str:
        return self.name


def fraction(found: re.Match[str]) -> Fraction:
    """Read two numbers of a sentence as a fraction."""
    return Fraction(number(found[1]), {"half": 2, "third": 3, "thirds": 3, "fourth": 4}[found[2]])


def open_by_gap(gap: str) -> Callable[[Answer[Any]], bool]:
    """Hold an answer to be open, by a gap that is named."""
    return lambda answer: not answer.determined and gap in {one.path.split(".")[-1] for one in answer.gaps}


def roles(*names: str) -> Callable[[Answer[Any]], bool]:
    """Hold an answer to name exactly these roles."""
    return lambda answer: answer.determined and set(answer.value.names) == set(names)


PYTORCH = [
    Situation(
        "who may nominate a core maintainer",
        lambda c: charter.who_may_nominate(c, "core"),
        roles("core", "module"),
        "governance",
        r"Any (core) or (module) maintainer can nominate someone to become a core maintainer",
        lambda found, answer: set(answer.value.names) == {found[1], found[2]},
    ),
    Situation(
        "who confirms a core maintainer",
        lambda c: charter.who_decides(c, "appoint_core"),
        roles("lead"),
        "governance",
        r"The (lead) maintainer evaluates all information and makes a final decision to Confirm or Decline",
        lambda found, answer: answer.value.names == (found[1],),
    ),
    Situation(
        "how many votes remove the lead, of twelve core maintainers that count either way",
        lambda c: charter.votes_needed(c, "remove_lead", seated=13),
        open_by_gap("lead_in_75_percent"),
        "governance",
        r"A super-majority of core maintainers \((\d+)%\) can choose to remove the Lead Core Maintainer",
        lambda found, answer: all(
            f"{math.ceil(Fraction(int(found[1]), 100) * seats)} of {seats}" in answer.words for seats in (13, 12)
        ),
    ),
    Situation(
        "how many votes remove the lead where both readings agree",
        lambda c: charter.outcome(c, "remove_lead", seated=13, yes=12, no=1),
        lambda answer: answer.determined and answer.value.passed,
        "governance",
        r"super-majority of core maintainers \((\d+)%\)",
        lambda found, answer: Fraction(12, 13) >= Fraction(int(found[1]), 100),
    ),
    Situation(
        "who confirms the removal of a core maintainer",
        lambda c: charter.who_decides(c, "remove_core"),
        open_by_gap("core_removal"),
        "governance",
        r"The Lead Core Maintainer is also responsible for confirming or removing core maintainers\..*"
        r"The core maintainers then evaluate all information and make a final decision to Confirm or Decline the "
        r"removal",
    ),
    Situation(
        "who may ask for a removal",
        lambda c: charter.who_may_call(c, "remove_module"),
        roles("anyone", "self"),
        "governance",
        r"(anyone) in the community can nominate a person to be removed.* A person can also (self)-nominate",
        lambda found, answer: set(answer.value.names) == {found[1], found[2]},
    ),
    Situation(
        "whether a conflicted person stands aside at a removal",
        lambda c: charter.may_be_recused(c, "remove_core"),
        lambda answer: answer.value.required and answer.value.counted is False,
        "governance",
        r"core maintainers \(excluding persons with conflict of interest\)",
    ),
    Situation(
        "what happens when the lead is gone",
        lambda c: charter.on_vacancy(c, "lead", since=TODAY),
        lambda answer: (
            answer.value.decision == "elect_lead" and answer.value.acting is None and answer.value.deadline is None
        ),
        "governance",
        r"permanent unavailability of the Lead Core Maintainer\), the core maintainers follow a Ranked-Choice voting",
    ),
    Situation(
        "by which method a new lead is elected",
        lambda c: charter.how_counted(c, "elect_lead"),
        open_by_gap("ranked_method"),
        "governance",
        r"(Ranked-Choice) voting method",
        lambda found, answer: found[1].lower().replace("-", " ") in answer.words,
    ),
    Situation(
        "when an RFC is stalled",
        lambda c: charter.is_stalled(c, state="commenting", last_activity=TODAY - timedelta(days=14), today=TODAY),
        lambda answer: answer.value is True,
        "rfc_process",
        r"no activity for (\d+) weeks\), assign the label `stalled`",
        lambda found, answer: f"stalled after {int(found[1]) * 7}" in answer.words,
    ),
    Situation(
        "how long a core maintainer serves",
        lambda c: charter.term_end(c, "core", begins=TODAY),
        lambda answer: not answer.determined and "no end" in answer.words,
        "governance",
        r"No term limits for module maintainers or core maintainers",
    ),
    Situation(
        "when a module maintainer is inactive, where the module set 180 days",
        lambda c: charter.is_inactive(c, "module", last_active=date(2025, 1, 1), today=TODAY, area_period_days=180),
        lambda answer: answer.value is True and "emeritus" in answer.words,
        "governance",
        r"'(emeritus)' status.* Each module maintainer group may define the inactive period",
        lambda found, answer: found[1] in answer.words,
    ),
]

PYTHON = [
    Situation(
        "who may nominate for the council",
        lambda c: charter.who_may_nominate(c, "council"),
        lambda answer: "core" in answer.value.names and "oneself too" in answer.words,
        "pep13",
        r"Candidates must be nominated by a (core) team member\. Self-nominations are allowed",
        lambda found, answer: found[1] in answer.value.names,
    ),
    Situation(
        "what a vote of the council must reach with one abstention",
        lambda c: charter.outcome(c, "council_vote", seated=5, yes=2, no=2, abstain=1),
        lambda answer: not answer.value.passed and answer.value.of == 4,
        "pep13",
        r"Passing requires a strict majority of non-abstaining council members",
        lambda found, answer: answer.value.needed == 3,
    ),
    Situation(
        "whether the council has its quorum when one member is silent",
        lambda c: charter.quorum_reached(c, "council_vote", seated=5, taking_part=4),
        lambda answer: answer.value is False,
        "pep13",
        r"Every council member must either vote or explicitly abstain",
    ),
    Situation(
        "whether 58 of 90 voters admit a core team member, four of them abstaining",
        lambda c: charter.outcome(c, "appoint_core", seated=120, yes=58, no=28, abstain=4),
        open_by_gap("admission_base"),
        "pep13",
        r"receiving at least (two)-(thirds) positive votes in a core team vote",
        lambda found, answer: Fraction(58, 86) >= fraction(found) > Fraction(58, 90),
    ),
    Situation(
        "how many votes eject a core team member with all five voting",
        lambda c: charter.votes_needed(c, "eject_core", seated=5),
        lambda answer: answer.value.yes == 4,
        "pep13",
        r"With (\d) members voting, this means that a 3:2 vote is insufficient; (\d):1 in favor is the minimum",
        lambda found, answer: (answer.value.of, answer.value.yes) == (int(found[1]), int(found[2])),
    ),
    Situation(
        "what a vote of no confidence must reach with 90 voters",
        lambda c: charter.outcome(c, "no_confidence", seated=120, yes=59, no=31),
        lambda answer: not answer.value.passed,
        "pep13",
        r"If at least (two) (thirds) of voters express a lack of confidence",
        lambda found, answer: answer.value.needed == math.ceil(fraction(found) * 90),
    ),
    Situation(
        "whether a vote of no confidence needs a second",
        lambda c: charter.second_needed(c, "no_confidence"),
        lambda answer: answer.value.count == 1 and "core" in answer.value.by,
        "pep13",
        r"another core team member seconds the proposal within (one) week",
        lambda found, answer: answer.value.within_days == number(found[1]) * 7,
    ),
    Situation(
        "how long a vote of no confidence is open",
        lambda c: charter.how_long(c, "no_confidence", opens=MONDAY),
        lambda answer: answer.value.latest_end == MONDAY + timedelta(days=14),
        "pep13",
        r"The vote lasts for (two) weeks",
        lambda found, answer: answer.value.most_days == number(found[1]) * 7,
    ),
    Situation(
        "how many of one employer may sit on the council",
        lambda c: charter.employer_cap(c, "council", members=5),
        lambda answer: answer.value == 2 and "next candidate moves up" in answer.words,
        "pep13",
        r"at most (\d) members of the council can work for any single employer",
        lambda found, answer: answer.value == int(found[1]),
    ),
    Situation(
        "what happens when a council seat is vacant",
        lambda c: charter.on_vacancy(c, "council"),
        lambda answer: answer.value.decision == "fill_council_seat" and answer.value.remainder,
        "pep13",
        r"the council may vote to appoint a replacement to serve out the rest of the term",
    ),
    Situation(
        "what breaks a tie at the council's election",
        lambda c: charter.on_tie(c, "elect_council"),
        lambda answer: len(answer.value) == 3,
        "pep13",
        r"not automatically resolved by the election (software) occurs, it may be resolved by mutual (agreement) among "
        r"the candidates, or else the winner will be chosen at random",
        lambda found, answer: found[1] in answer.value[0] and found[2] in answer.value[1],
    ),
    Situation(
        "by which method the council is elected",
        lambda c: charter.how_counted(c, "elect_council"),
        lambda answer: answer.value == "bloc_star",
        "pep13",
        r"Multi-winner (Bloc STAR)",
        lambda found, answer: answer.value == found[1].lower().replace(" ", "_"),
    ),
    Situation(
        "whether somebody without a contribution for two years is inactive",
        lambda c: charter.is_inactive(c, "core", last_active=date(2024, 6, 30), today=TODAY),
        lambda answer: answer.value is True,
        "pep13",
        r"any non-trivial contribution in (two) years may be asked to move themselves",
        lambda found, answer: f"{number(found[1]) * 365}" in answer.words,
    ),
    Situation(
        "how the charter itself is changed",
        lambda c: charter.votes_needed(c, "change_charter", seated=90, cast=60),
        lambda answer: answer.value.yes == 40,
        "pep13",
        r"Changes to this document require at least a (two)-(thirds) majority of votes cast in a core team vote",
        lambda found, answer: answer.value.yes == fraction(found) * 60,
    ),
]

RUST = [
    Situation(
        "how many of nine representatives must confirm",
        lambda c: charter.votes_needed(c, "council_consent", seated=9),
        lambda answer: answer.value.yes == 7,
        "council",
        r"confirmation that at least N-(\d) Council representatives",
        lambda found, answer: answer.value.yes == 9 - int(found[1]),
    ),
    Situation(
        "whether one objection stops the Council",
        lambda c: charter.outcome(c, "council_consent", seated=9, yes=8, no=0, objections=1),
        lambda answer: answer.value.passed is False and "objection" in answer.words,
        "council",
        r"Having no outstanding explicit objections from any Council representative",
    ),
    Situation(
        "whether a recused representative still counts in N",
        lambda c: charter.votes_needed(c, "council_consent", seated=9, recused=2),
        lambda answer: answer.value.of == 9,
        "council",
        r"where N is the total number of Council representatives",
    ),
    Situation(
        "whether the Council may decide with four of nine recused",
        lambda c: charter.quorum_reached(c, "council_consent", seated=9, taking_part=5, recused=4),
        lambda answer: answer.value is False,
        "council",
        r"conflicts of interest prevent more than a (third) of the Council from participating",
        lambda found, answer: "1/3" in answer.words,
    ),
    Situation(
        "how long a proposal lies before the Council",
        lambda c: charter.how_long(c, "council_consent", opens=MONDAY),
        lambda answer: answer.value.earliest_end == MONDAY + timedelta(days=10),
        "council",
        r"Providing a minimum (\d+) days for feedback",
        lambda found, answer: answer.value.least_days == int(found[1]),
    ),
    Situation(
        "how many of one affiliation may sit on a Council of five",
        lambda c: charter.employer_cap(c, "council", members=5),
        lambda answer: answer.value == 1,
        "council",
        r"has 5 or fewer representatives, no more than (\d) representative may have any given affiliation",
        lambda found, answer: answer.value == int(found[1]),
    ),
    Situation(
        "how many of one affiliation may sit on a Council of eight",
        lambda c: charter.employer_cap(c, "council", members=8),
        lambda answer: answer.value == 2,
        "council",
        r"has 6 or more representatives, no more than (\d) representatives may have any given affiliation",
        lambda found, answer: answer.value == int(found[1]),
    ),
    Situation(
        "when a representative's term ends",
        lambda c: charter.term_end(c, "council", begins=date(2026, 3, 31)),
        lambda answer: answer.value == date(2027, 3, 31),
        "council",
        r"terms are (one) year in length",
        lambda found, answer: answer.value.year - 2026 == number(found[1]),
    ),
    Situation(
        "what happens when a representative leaves early",
        lambda c: charter.on_vacancy(c, "council"),
        lambda answer: answer.value.decision == "appoint_representative" and "alternate" in answer.value.acting,
        "council",
        r"top-level team must then begin selecting a new representative.*can designate an (alternate) representative",
        lambda found, answer: found[1] in answer.value.acting,
    ),
    Situation(
        "whether a representative absent for three weeks counts towards the quorum",
        lambda c: charter.is_inactive(c, "council", last_active=TODAY - timedelta(days=21), today=TODAY),
        lambda answer: answer.value is True,
        "council",
        r"fail to participate in any Council proceedings for (\d) consecutive weeks",
        lambda found, answer: f"says {int(found[1]) * 7}" in answer.words,
    ),
    Situation(
        "how long the final comment period is, by the RFC process",
        lambda c: charter.final_comment(c, opens=MONDAY),
        open_by_gap("fcp_length"),
        "rfcs",
        r"The FCP lasts (ten) calendar days",
        lambda found, answer: f"{found[1]} days" in answer.words,
    ),
    Situation(
        "how long the final comment period is, by RFC 1068",
        lambda c: charter.final_comment(c, opens=MONDAY),
        open_by_gap("fcp_length"),
        "rfc1068",
        r"\"final comment period\" \(which lasts for (one) week\)",
        lambda found, answer: f"{found[1]} week" in answer.words,
    ),
    Situation(
        "whether the final comment period begins with two reviews outstanding of eight",
        lambda c: charter.final_comment_may_begin(c, ProposalFacts(reviews_complete=6, reviews_outstanding=2)),
        open_by_gap("fcp_reviews"),
        "rfcs",
        r"Before actually entering FCP, all members of the subteam must sign off",
    ),
]

NODE = [
    Situation(
        "how many of 22 voting members pass a motion",
        lambda c: charter.outcome(c, "tsc_vote", seated=22, yes=11, no=0, abstain=3),
        lambda answer: answer.value.passed is False,
        "charter",
        r"wins a simple majority of all TSC voting members",
        lambda found, answer: (answer.value.needed, answer.value.of) == (22 // 2 + 1, 22),
    ),
    Situation(
        "who decides on a new voting member",
        lambda c: charter.who_decides(c, "add_tsc"),
        roles("tsc"),
        "charter",
        r"The TSC may add additional voting members to the TSC by a standard TSC motion",
    ),
    Situation(
        "who may nominate a voting member",
        lambda c: charter.who_may_nominate(c, "tsc"),
        roles("tsc", "regular"),
        "readme",
        r"TSC members can nominate new members at any time",
    ),
    Situation(
        "how many of one company may be among 22 voting members",
        lambda c: charter.employer_cap(c, "tsc", members=22),
        lambda answer: answer.value == 5,
        "charter",
        r"no more than (one)-(fourth) of the TSC voting membership may be affiliated with the same company",
        lambda found, answer: answer.value == math.floor(fraction(found) * 22),
    ),
    Situation(
        "who misses three votes in a row",
        lambda c: charter.is_inactive(c, "tsc", last_active=None, today=TODAY, missed_votes=3),
        lambda answer: answer.value is True and "regular member" in answer.words,
        "charter",
        r"automatically converted to a TSC (regular member) if they do not participate in (three) consecutive",
        lambda found, answer: found[1] in answer.words and f"asks for {number(found[2])}" in answer.words,
    ),
    Situation(
        "who misses two votes in a row",
        lambda c: charter.is_inactive(c, "tsc", last_active=None, today=TODAY, missed_votes=2),
        lambda answer: answer.value is False,
        "charter",
        r"do not participate in (three) consecutive TSC votes",
        lambda found, answer: number(found[1]) > 2,
    ),
    Situation(
        "when the Chairperson's term ends",
        lambda c: charter.term_end(c, "chair", begins=date(2026, 2, 1)),
        lambda answer: answer.value == date(2027, 2, 1),
        "charter",
        r"to represent the TSC in the OpenJS Foundation for a term of (one) year.*annual elections",
        lambda found, answer: answer.value.year - 2026 == number(found[1]),
    ),
    Situation(
        "who elects the Chairperson",
        lambda c: charter.who_votes(c, "elect_chair"),
        open_by_gap("electorate_of_elections"),
        "charter",
        r"Elections shall be done within the projects by the Collaborators active in the project\..*"
        r"The TSC voting members will elect from amongst voting TSC members a TSC Chairperson",
    ),
    Situation(
        "by which method",
        lambda c: charter.how_counted(c, "elect_chair"),
        open_by_gap("election_method"),
        "charter",
        r"\[Condorcet\]\[\] or \[Single Transferable Vote\]\[\]|Condorcet.{0,12} or .{0,4}Single Transferable Vote",
    ),
    Situation(
        "who amends the charter",
        lambda c: charter.who_decides(c, "change_charter"),
        roles("cpc"),
        "charter",
        r"This charter can only be amended with the approval of the (CPC)",
        lambda found, answer: found[1].lower() in answer.value.names,
    ),
    Situation(
        "whether a quorum is asked",
        lambda c: charter.quorum_reached(c, "tsc_vote", seated=22, taking_part=12),
        open_by_gap("vote_window"),
        "charter",
        r"A TSC voting member may choose to participate in any vote through abstention",
    ),
    Situation(
        "whether a Collaborator may land a change that somebody objects to",
        lambda c: charter.may_move(
            c, leaves="open", enters="landed", by=["collaborator"], facts=ProposalFacts(objections=1)
        ),
        lambda answer: answer.value.allowed is False,
        "charter",
        r"Collaborators shall operate under Lazy Consensus",
    ),
]

KUBERNETES = [
    Situation(
        "who may nominate for the Steering Committee",
        lambda c: charter.who_may_call(c, "elect_steering"),
        roles("anyone"),
        "guide",
        r"If you want to stand for the election, create an issue.* If you want to nominate someone else, you may do so",
    ),
    Situation(
        "whose support a nominee needs",
        lambda c: charter.second_needed(c, "elect_steering"),
        lambda answer: "voter" in answer.value.by,
        "guide",
        r"endorsement of three \((\d)\) different eligible voters from three \((\d)\) different employers",
        lambda found, answer: (answer.value.count, answer.value.employers) == (int(found[1]), int(found[2])),
    ),
    Situation(
        "when a term ends",
        lambda c: charter.term_end(c, "steering", begins=date(2026, 10, 7)),
        lambda answer: answer.value == date(2028, 10, 7),
        "guide",
        r"Each elected member will serve a two \((\d)\) year term",
        lambda found, answer: answer.value.year - 2026 == int(found[1]),
    ),
    Situation(
        "how many of one employer may sit on it",
        lambda c: charter.employer_cap(c, "steering", members=7),
        lambda answer: answer.value == 2,
        "howto",
        r"If more than (two) members would share the same employer, then any newly elected candidates",
        lambda found, answer: answer.value == number(found[1]),
    ),
    Situation(
        "whether the third of 2017 gives the same cap",
        lambda c: charter.employer_cap(c, "steering", members=7),
        lambda answer: "employer_cap" in {gap.path.split(".")[-1] for gap in answer.gaps},
        "guide2017",
        r"no more than (1)/(3) of the committee from a single company",
        lambda found, answer: answer.value == math.floor(Fraction(int(found[1]), int(found[2])) * 7),
    ),
    Situation(
        "what breaks a tie",
        lambda c: charter.on_tie(c, "elect_steering"),
        lambda answer: "coin" in answer.words,
        "guide",
        r"In the event of a tie, a non-involved SC member will flip a (coin)",
        lambda found, answer: found[1] in answer.words,
    ),
    Situation(
        "by which method the ballots are counted",
        lambda c: charter.how_counted(c, "elect_steering"),
        open_by_gap("condorcet_completion"),
        "guide",
        r"time-limited \[(Condorcet)\] ranking",
        lambda found, answer: found[1].lower() in answer.words,
    ),
    Situation(
        "how the last day ends",
        lambda c: charter.how_long(c, "elect_steering", opens=MONDAY),
        lambda answer: "anywhere on Earth" in answer.words,
        "guide",
        r"election close deadlines will be done using (Anywhere on Earth) timing",
        lambda found, answer: found[1].lower() in answer.words.lower(),
    ),
    Situation(
        "who proposes the election officers",
        lambda c: charter.who_may_call(c, "choose_election_officers"),
        roles("elections_lead"),
        "howto",
        r"Subproject leads will choose the EOs .* propose the list of officers to the current Steering Committee",
    ),
    Situation(
        "how long the vote is open at least",
        lambda c: charter.how_long(c, "elect_steering", opens=MONDAY),
        lambda answer: answer.value.least_days == 14,
        "howto",
        r"The Voting period must be at least (2) weeks",
        lambda found, answer: answer.value.least_days == int(found[1]) * 7,
    ),
    Situation(
        "what an exception for a voter must reach of three officers",
        lambda c: charter.votes_needed(c, "voter_exception", seated=3),
        lambda answer: answer.value.yes == 2,
        "guide",
        r"Acceptance of a form submission will be defined by a simple majority vote",
    ),
    Situation(
        "who decides a deadlock between groups",
        lambda c: charter.who_decides(c, "escalation"),
        roles("steering"),
        "governance",
        r"In the case of extended debate or deadlock, decisions may be escalated to the Steering Committee",
    ),
    Situation(
        "who decides who is on a committee",
        lambda c: charter.who_decides(c, "form_committee"),
        roles("steering"),
        "governance",
        r"Membership of a committee is decided by the steering committee",
    ),
    Situation(
        "what happens when too many members resign",
        lambda c: charter.on_vacancy(c, "steering"),
        lambda answer: answer.value.decision == "special_election" and answer.value.acting is None,
        "howto",
        r"special election to be held during the year if too many members resign from the SC at once",
    ),
]

ALL = {"pytorch": PYTORCH, "python": PYTHON, "rust": RUST, "node": NODE, "kubernetes": KUBERNETES}
EACH = [
    pytest.param(project, situation, id=f"{project}: {situation}")
    for project, situations in ALL.items()
    for situation in situations
]


@pytest.mark.parametrize(("project", "situation"), EACH)
def test_the_software_answers(project: str, situation: Situation) -> None:
    answer = situation.ask(charter.load(project))
    assert situation.holds(answer), answer
    assert answer.words.endswith((".", "?"))
    assert answer.sources or not answer.determined


@pytest.mark.parametrize(("project", "situation"), EACH)
def test_the_rule_text_says_so(project: str, situation: Situation) -> None:
    found = sentence_found(project, situation.document, situation.says)
    answer = situation.ask(charter.load(project))
    assert situation.agrees(found, answer), (found[0], answer.words)


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_ten_situations_a_project_are_looked_at(project: str) -> None:
    assert len(ALL[project]) >= 10


def test_the_seats_of_two_years_make_the_steering_committee() -> None:
    seats = [
        int(sentence_found("kubernetes", guide, r"fill out the \w+ \((\d)\) seats due for reelection this year")[1])
        for guide in ("guide2025", "guide")
    ]
    assert sum(seats) == charter.load("kubernetes").offices["steering"].seats.exactly
