import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks_runner.stats.false_discovery import e_bh, selected_alpha

values = st.one_of(st.sampled_from([0.0, 1.0, 20.0, 40.0, 60.0, 80.0]), st.floats(0, 1e4))


def by_trying_every_size(evidence, q):
    """Reject the k largest for the largest k that e-BH allows, by its definition."""
    m = len(evidence)
    largest_first = sorted(range(m), key=lambda i: -evidence[i])
    for k in range(m, 0, -1):
        if evidence[largest_first[k - 1]] * k * q >= m:
            return {i for i in range(m) if evidence[i] >= evidence[largest_first[k - 1]]}
    return set()


@given(st.lists(values, min_size=1, max_size=30), st.sampled_from([0.05, 0.1, 0.5]))
def test_e_bh_rejects_what_its_definition_rejects(evidence, q):
    rejected = set(np.flatnonzero(e_bh(np.array(evidence), q)).tolist())
    assert rejected == by_trying_every_size(evidence, q)


@given(st.lists(values, min_size=2, max_size=30), st.data())
def test_more_evidence_never_takes_a_discovery_back(evidence, data):
    before = e_bh(np.array(evidence), 0.05)
    raised = np.array(evidence)
    raised[data.draw(st.integers(0, len(evidence) - 1))] += data.draw(st.floats(0, 1e4))
    assert (before <= e_bh(raised, 0.05)).all()


def test_the_false_share_stays_below_q_under_dependence():
    rng, share = np.random.default_rng(3), []
    for _ in range(4000):
        null = np.full(40, rng.choice([0.0, 400.0], p=[0.9975, 0.0025]))  # all null e-values are one and the same
        rejected = e_bh(np.concatenate([null, [900.0] * 10]), 0.05)
        share.append(rejected[:40].sum() / max(1, rejected.sum()))
    assert np.mean(share) <= 0.05


def test_an_interval_of_a_discovery_is_as_sure_as_its_selection_asks():
    assert selected_alpha(0.05, 1, 110) == 0.05 / 110
    assert selected_alpha(0.05, 110, 110) == 0.05
