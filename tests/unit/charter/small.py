"""A small charter of an invented project, to take apart in tests."""

SMALL = """\
schema = 1
project = "loom"
name = "Loom"
summary = "Weavers decide."
published = "https://example.org/rules"

[documents.rules]
title = "Rules of the Loom"
url = "https://example.org/rules"

[offices.weaver]
title = "weaver"
plural = "weavers"
kind = "core"
term = { months = 12 }
source = "rules § Weavers"

[offices.weaver.vacancy]
acting = []
method = "appoint"
deadline_days = 30

[offices.weaver.inactivity]
after_days = 100
becomes = "emeritus"

[offices.weaver.check_in]
every_days = 180

[decisions.appoint]
title = "Appoint a weaver"
kind = "appointment"
about = ["weaver"]
method = "vote"
nominator = ["anyone"]
decider = ["weaver"]
electorate = { of = ["weaver"] }
threshold = { base = "seated", value = "2/3" }
quorum = { share = "1/2" }
window = { least_days = 7, most_days = 14, closes = "anywhere_on_earth" }
recusal = { required = true, denominator = "lowered" }
source = "rules § Appointing"

[decisions.change_charter]
title = "Change the rules"
kind = "charter"
method = "vote"
nominator = ["weaver"]
decider = ["weaver"]
electorate = { of = ["weaver"] }
threshold = { base = "non_abstaining", value = "60 %", strict = true }
quorum = { all_but = 1 }
window = { least_days = 10, most_days = 10 }
recusal = { required = false }
source = "rules § Changing"

[proposal]
title = "pattern"
plural = "patterns"
proposer = ["anyone"]
source = "rules § Patterns"

[proposal.states.draft]
title = "draft"
initial = true

[proposal.states.open]
title = "open"
open = true

[proposal.states.woven]
title = "woven"
final = true

[[proposal.transitions]]
from = ["draft"]
to = "open"
by = ["author"]
source = "rules § Patterns"

[[proposal.transitions]]
from = ["open"]
to = "woven"
by = ["weaver"]
needs = { concerns_resolved = true, approvals_at_least = 2, waiting_days = 5, reason = true }
source = "rules § Patterns"

[gaps.tie]
question = "What breaks a tie?"
matters = "Two weavers may get as many votes."
at = ["decisions.appoint.tie_break"]
"""


def changed(old: str, new: str, *, text: str = SMALL) -> str:
    """Return the small charter with one thing changed."""
    assert old in text, old
    return text.replace(old, new, 1)


def line_of(phrase: str, text: str) -> int:
    """Return the line on which a phrase first stands."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if phrase in line)
