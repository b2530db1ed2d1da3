"""Which environments make room: never one in use, the least recently used first, no more than needed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks_runner.bundles.collection import Held, Holdings, choose

SHARED = {"torch/311": 700, "numpy/311": 100, "jax/311": 300}
OLD = Held("old", "a", 10, frozenset({"torch/311"}))
OLD_B = Held("old", "b", 710, frozenset())
NEW = Held("new", "a", 10, frozenset({"torch/311", "numpy/311"}))
OTHER = Held("other", "a", 10, frozenset({"jax/311"}))
USES = {"old": 1.0, "new": 3.0, "other": 2.0}


def chosen(*environments, budget, in_use=()):
    return choose(Holdings(environments, SHARED), budget_bytes=budget, in_use=in_use, last_used=USES)


def test_nothing_goes_while_all_fits():
    assert chosen(OLD, NEW, OTHER, budget=2000).removals == ()


def test_a_second_copy_goes_before_any_environment():
    plan = chosen(OLD, OLD_B, NEW, OTHER, budget=1200)
    assert plan.removals == (("old", ("b",)),)
    assert plan.gone == ()
    assert (plan.before_bytes, plan.after_bytes) == (1840, 1130)


def test_the_least_recently_used_goes_first():
    assert [digest for digest, _ in chosen(OLD, NEW, OTHER, budget=1125).removals] == ["old"]


def test_a_wheel_that_another_environment_uses_frees_nothing():
    """Removing `old` alone frees ten bytes: its torch is also new's, so `other` must go as well."""
    plan = chosen(OLD, NEW, OTHER, budget=900)
    assert [digest for digest, _ in plan.removals] == ["old", "other"]
    assert plan.after_bytes == 810


def test_what_is_in_use_stays_over_the_budget():
    plan = chosen(OLD, OLD_B, NEW, OTHER, budget=0, in_use={"old", "new"})
    assert plan.gone == ("other",)
    assert plan.after_bytes > 0


def test_wheels_of_a_broken_installation_count_for_nothing():
    assert chosen(OTHER, budget=310).removals == ()


def test_sizes_add_up_to_what_is_on_disk():
    holdings = Holdings((OLD, OLD_B, NEW, OTHER), SHARED)
    assert holdings.sizes() == {"old": 1420, "new": 110, "other": 310}
    assert sum(holdings.sizes().values()) == holdings.total_bytes


DIGESTS = "abcdef"
ENVIRONMENTS = st.lists(
    st.builds(
        Held,
        st.sampled_from(DIGESTS),
        st.sampled_from("ab"),
        st.integers(0, 500),
        st.frozensets(st.sampled_from(sorted(SHARED))),
    ),
    unique_by=lambda held: (held.digest, held.copy),
    max_size=8,
)


# No deadline: a loaded machine is no failure.
@settings(deadline=None)
@given(ENVIRONMENTS, st.integers(0, 3000), st.sets(st.sampled_from(DIGESTS)), st.permutations(DIGESTS))
def test_any_choice_keeps_what_is_used_and_takes_no_more_than_needed(environments, budget, in_use, order):
    uses = {digest: float(at) for at, digest in enumerate(order)}
    holdings = Holdings(tuple(environments), SHARED)
    plan = choose(holdings, budget_bytes=budget, in_use=in_use, last_used=uses)
    removed = {digest for digest, _ in plan.removals}
    idle = {held.digest for held in environments} - in_use
    assert removed <= idle
    assert plan.after_bytes <= budget or set(plan.gone) == idle
    assert plan.after_bytes <= plan.before_bytes
    gone = [uses[digest] for digest in plan.gone]
    assert gone == sorted(gone)
    assert all(uses[digest] >= max(gone) for digest in idle - set(plan.gone)) if gone else True
