"""Read a charter and apply it: pure, no database. A project's rules as data; what the text leaves open stays open.

    from governance import charter
    rules = charter.load("pytorch")                  # a charter that comes with the site
    rules = charter.parse(text)                      # raises CharterRefused: .faults has all that is wrong
    needed = charter.votes_needed(rules, "remove_lead", seated=13)
    needed.value, needed.words, needed.sources, needed.gaps, needed.determined

A `Charter` has `offices`, `groups`, `decisions`, `gaps` (by their keys) and `proposal` (the table of states, or None);
`offices_of_kind("core")`, `decisions_about("lead", "election", "removal")`, `gaps_at("decisions.x.quorum")`.
Roles are office keys, group keys, or anyone, self, author, shepherd, raiser, software.

Each question returns an `Answer`: words for the page, the value for the program, where the rule stands, and the gaps
that touch it. Where the charter does not determine the answer, `value` is None and the words say what is open: never
guess in its place. An unknown name raises `UnknownRule`.

- roles: who_may_nominate(c, office) · who_may_call(c, decision) · who_decides · who_votes → Roles (`"core" in value`)
- votes: votes_needed(c, decision, seated=, recused=, cast=, abstain=) → Votes(yes, of) · outcome(c, decision, seated=,
  yes=, no=, abstain=, recused=, objections=, vetoed=) → Outcome(passed, needed, of, yes) · quorum_reached(c, decision,
  seated=, taking_part=, recused=) → bool · may_be_recused(c, decision) → Standing · second_needed → Second
- time: how_long(c, decision, opens=, phase="window"|"nomination_window") → Opening · term_end(c, office, begins=)
  → date
- elections: how_counted(c, decision) → method · on_tie → what breaks it · employer_cap(c, office, members=) → int
- offices: on_vacancy(c, office, since=) → Succession · is_inactive(c, office, last_active=, today=) · check_in_due
- proposals: may_move(c, leaves=, enters=, by=roles, facts=ProposalFacts(…)) → Move(allowed, by, missing) ·
  moves_from(c, state) · final_comment(c, opens=) · final_comment_may_begin(c, facts) · who_resolves_a_concern ·
  is_stalled(c, state=, last_activity=, today=)
- the charter itself: who_changes_the_charter(c) → the decision's key · plain_words.sections(c) → the page ·
  difference.changes(old, new) → what changed, in words

Counts: `seated` is the whole frozen electorate, the recused among them; `cast` has the abstentions in it.
The schema is parts.py with {office,decision,proposal}_parts.py; docs/reference/charter.md is written from it.
"""

from governance.charter.answers import (
    Answer,
    Move,
    Opening,
    Outcome,
    ProposalFacts,
    Roles,
    Second,
    Standing,
    Succession,
    Votes,
)
from governance.charter.faults import CharterRefused, Fault, UnknownRule
from governance.charter.kinds import Share, Source
from governance.charter.moves import (
    final_comment,
    final_comment_may_begin,
    is_stalled,
    may_move,
    moves_from,
    who_resolves_a_concern,
)
from governance.charter.parts import SCHEMA, Charter, Decision, Gap, Office, Proposals, Transition
from governance.charter.reader import SHIPPED, load, parse, text_of
from governance.charter.rules import (
    check_in_due,
    employer_cap,
    end_of_day,
    how_counted,
    how_long,
    is_inactive,
    on_tie,
    on_vacancy,
    second_needed,
    term_end,
    who_changes_the_charter,
    who_decides,
    who_may_call,
    who_may_nominate,
    who_votes,
)
from governance.charter.voting import may_be_recused, outcome, quorum_reached, votes_needed

__all__ = [
    "SCHEMA", "SHIPPED", "Answer", "Charter", "CharterRefused", "Decision", "Fault", "Gap", "Move", "Office", "Opening",
    "Outcome", "ProposalFacts", "Proposals", "Roles", "Second", "Share", "Source", "Standing", "Succession",
    "Transition", "UnknownRule", "Votes", "check_in_due", "employer_cap", "end_of_day", "final_comment",
    "final_comment_may_begin", "how_counted", "how_long", "is_inactive", "is_stalled", "load", "may_be_recused",
    "may_move", "moves_from", "on_tie", "on_vacancy", "outcome", "parse", "quorum_reached", "second_needed", "term_end",
    "text_of", "votes_needed", "who_changes_the_charter", "who_decides", "who_may_call", "who_may_nominate",
    "who_resolves_a_concern", "who_votes",
]  # fmt: skip
