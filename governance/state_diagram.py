"""Draw a charter's table of states, as docs/reference/proposals.md shows it: from the table, never by hand."""

from governance.charter import Charter, saying


def diagram(charter: Charter) -> str:
    """Return the moves of a charter's proposals as a Mermaid diagram."""
    rules = charter.proposal
    assert rules is not None
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {name}" for name, state in rules.states.items() if state.initial]
    for move in rules.transitions:
        by = saying.each_may(charter, move.by).words if move.by is not None else "open: the charter does not say who"
        lines += [f"    {leaves} --> {move.enters}: {by}" for leaves in move.leaves]
    if rules.stalled and rules.stalled.enters:
        words = f"{rules.stalled.idle_days} idle days"
        lines += [f"    {leaves} --> {rules.stalled.enters}: {words}" for leaves in rules.stalled.watched]
    lines += [f"    {name} --> [*]" for name, state in rules.states.items() if state.final]
    return "\n".join(lines)
