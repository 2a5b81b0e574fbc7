"""Approvals come from different people, one for each role asked for."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from assay.policy.approvals import Approval, outstanding
from assay.policy.policy import Approver

AT = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = st.sampled_from(["ada", "bob", "cai", "dee"])
ROLES = st.sampled_from(["validator", "approver", "risk"])


def approval(person: str, role: str) -> Approval:
    return Approval(person=person, role=role, basis="b", given_at=AT)


def test_one_person_in_two_roles_leaves_the_other_role_to_someone_else():
    """Ada approved as both, Bob only as validator: Ada counts as approver, Bob as validator."""
    required = [Approver(role="validator"), Approver(role="approver")]
    given_by = [
        approval("ada", "validator"),
        approval("ada", "approver"),
        approval("bob", "validator"),
    ]
    assert outstanding(required, given_by) == ()
    assert len(outstanding(required, given_by[:2])) == 1


@given(
    required=st.lists(ROLES, max_size=4),
    given_by=st.lists(st.tuples(PEOPLE, ROLES), max_size=8),
)
def test_outstanding_is_what_the_best_assignment_leaves_open(required, given_by):
    """No assignment of different people to roles could leave fewer open (brute force)."""
    approvals = [approval(person, role) for person, role in given_by]

    def best(slot: int, used: frozenset[str]) -> int:
        if slot == len(required):
            return 0
        taken = [
            1 + best(slot + 1, used | {person})
            for person, role in set(given_by)
            if role == required[slot] and person not in used
        ]
        return max([best(slot + 1, used), *taken])

    left = outstanding([Approver(role=role) for role in required], approvals)
    assert len(left) == len(required) - best(0, frozenset())
