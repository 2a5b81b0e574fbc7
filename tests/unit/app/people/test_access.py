"""Roles, tokens and joined accounts: who may do what, and what an outsider learns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.life.approval import ApprovalRefused, approve_version
from assay.app.life.inbox import inbox
from assay.app.life.inventory import inventory
from assay.app.life.promotion import promote_version
from assay.app.people.access import NotPermitted, RoleNotHeld
from assay.app.people.granting import (
    GrantRefused,
    TokenRefused,
    UnknownPermission,
    bearer_of,
    grant_role,
    holders,
    issue_token,
    link_people,
    permission_named,
    revoke_role,
    revoke_token,
)
from assay.app.people.people import person_named
from assay.governance.access import ROLES, Permission, Role, permitted
from assay.governance.stages import PRODUCTION
from assay.policy.policy import Outcome

LATER = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def staffed(services):
    """A workspace with an administrator, and one person in each role that matters."""
    grant_role(services, actor="root", to="root", role="administrator")
    for name, role in (
        ("ada", "developer"),
        ("ben", "validator"),
        ("cleo", "approver"),
        ("ops", "operator"),
    ):
        grant_role(services, actor="root", to=name, role=role)
    return services


def approve(services, project, actor, role):
    found = find_version(services, "credit", "1.0.0")
    return approve_version(services, project, found, actor=actor, role=role, reason="It holds.")


def test_a_laptop_asks_for_no_ceremony(services, project):
    """Without an administrator everybody may do everything."""
    gate_version(services, project, actor="anyone")
    approve(services, project, "ben", "validator")


def test_the_whole_way_by_people_who_may_go_it(staffed, project):
    """Each step by the role that permits it."""
    gate_version(staffed, project, actor="ada")
    approve(staffed, project, "ben", "validator")
    assert approve(staffed, project, "cleo", "approver").decision.outcome is Outcome.ALLOW
    found = find_version(staffed, "credit", "1.0.0")
    with pytest.raises(NotPermitted, match="version:promote"):
        promote_version(staffed, project, found, actor="ada", stage=PRODUCTION)
    promote_version(staffed, project, found, actor="ops", stage=PRODUCTION)


def test_strangers_and_wrong_roles_are_refused(staffed, project):
    """A stranger gates nothing; a validator does not approve as an approver."""
    with pytest.raises(NotPermitted) as refused:
        gate_version(staffed, project, actor="mallory")
    assert "developer" in refused.value.remedy
    gate_version(staffed, project, actor="ada")
    with pytest.raises(RoleNotHeld):
        approve(staffed, project, "ben", "approver")
    with pytest.raises(NotPermitted):
        grant_role(staffed, actor="ben", to="ben", role="approver")


def test_an_administrator_decides_nothing_about_a_version(staffed, project):
    """Managing access is a duty of its own."""
    gate_version(staffed, project, actor="ada")
    with pytest.raises(NotPermitted):
        approve(staffed, project, "root", "approver")


def test_roles_are_taken_away_but_the_last_administrator_stays(staffed, project):
    """What was permitted yesterday is refused today."""
    revoke_role(staffed, actor="root", of="ada", role="developer")
    with pytest.raises(NotPermitted):
        gate_version(staffed, project, actor="ada")
    with pytest.raises(GrantRefused, match="last administrator"):
        revoke_role(staffed, actor="root", of="root", role="administrator")
    assert {item.name: item.roles for item in holders(staffed)} == {
        "ben": ("validator",),
        "cleo": ("approver",),
        "ops": ("operator",),
        "root": ("administrator",),
    }


def test_the_first_role_is_the_administrators(services):
    """Else nobody could grant a second."""
    with pytest.raises(GrantRefused, match="none yet"):
        grant_role(services, actor="ada", to="ada", role="developer")


@pytest.mark.parametrize("alias", ["Ada L. <ada@example.org>", "ada <ADA@example.org>", "ada@work"])
def test_a_second_account_of_the_author_cannot_approve(services, project, alias):
    """One address is one person; another is, once an administrator says so."""
    gate_version(services, project, actor="Ada <ada@example.org>")
    if "example.org" not in alias:
        approve_refused = approve(services, project, alias, "validator")
        assert approve_refused.decision.approvals
        link_people(services, actor="root", account=alias, same_as="Ada <ada@example.org>")
        after = gate_version(services, project, actor="Ada <ada@example.org>")
        assert after.decision.approvals == ()
    with pytest.raises(ApprovalRefused, match="author"):
        approve(services, project, alias, "validator")


def test_joining_accounts_needs_two_that_are_known(services, project):
    """Neither a stranger nor oneself."""
    gate_version(services, project, actor="ada")
    with pytest.raises(GrantRefused, match="Nobody has acted"):
        link_people(services, actor="ada", account="ghost", same_as="ada")
    with pytest.raises(GrantRefused, match="already"):
        link_people(services, actor="ada", account="ada", same_as="ADA")


class TestTokens:
    """Random, hashed, limited, and ending."""

    def issued(self, services, **more):
        return issue_token(
            services,
            actor="root",
            to=more.pop("to", "ci-bot"),
            permissions=more.pop("permissions", [Permission.VERSION_GATE]),
            expires=more.pop("expires", LATER),
        )

    def test_a_token_gates_and_does_no_more(self, staffed, project):
        """It speaks for its account, within its permissions and its roles."""
        grant_role(staffed, actor="root", to="ci-bot", role="developer")
        token = self.issued(staffed)
        as_bot = replace(staffed, bearer=bearer_of(staffed, token))
        report = gate_version(as_bot, project, actor="whoever")
        assert report.author == "ci-bot"
        with pytest.raises(NotPermitted, match="token is not for"):
            approve(as_bot, project, "ben", "validator")

    def test_a_token_gives_no_role(self, staffed, project):
        """Its account may do no more than the roles that it holds."""
        as_bot = replace(staffed, bearer=bearer_of(staffed, self.issued(staffed)))
        with pytest.raises(NotPermitted):
            gate_version(as_bot, project, actor="whoever")

    def test_the_secret_is_nowhere(self, staffed):
        """Neither the log nor an error holds it."""
        token = self.issued(staffed)
        secret = token.rpartition("_")[2].encode()
        assert not any(secret in entry.data for entry in staffed.journal.entries())
        with pytest.raises(TokenRefused) as refused:
            bearer_of(staffed, token[:-1] + ("0" if token[-1] != "0" else "1"))
        assert token.rpartition("_")[2][:20] not in str(refused.value)

    @pytest.mark.parametrize("token", ["", "assay", "assay_", "assay_1_2", "other_1_2", "a_b_c"])
    def test_what_is_no_token(self, staffed, token):
        """Refused without saying why."""
        with pytest.raises(TokenRefused, match="not valid here"):
            bearer_of(staffed, token)

    def test_tokens_end(self, staffed, clock):
        """By time, and by an administrator."""
        first, second = self.issued(staffed), self.issued(staffed, expires=LATER + timedelta(1))
        revoke_token(staffed, actor="root", token=second.split("_")[1])
        with pytest.raises(TokenRefused):
            bearer_of(staffed, second)
        bearer_of(staffed, first)
        clock.time = LATER
        with pytest.raises(TokenRefused):
            bearer_of(staffed, first)

    def test_useless_tokens_are_not_made(self, staffed):
        """For nothing, or ended already."""
        with pytest.raises(GrantRefused):
            self.issued(staffed, permissions=[])
        with pytest.raises(GrantRefused):
            self.issued(staffed, expires=datetime(2026, 1, 1, tzinfo=UTC))

    def test_permissions_are_named(self):
        """An unknown one is answered with the nearest."""
        assert permission_named("version:gate") is Permission.VERSION_GATE
        with pytest.raises(UnknownPermission) as refused:
            permission_named("version:gates")
        assert "version:gate" in refused.value.remedy


def test_no_role_may_both_make_and_approve():
    """Separation of duties, in the table of roles itself."""
    for role in Role:
        may = ROLES[role]
        assert not {Permission.VERSION_GATE, Permission.VERSION_APPROVE} <= may, role
        assert not {Permission.WAIVER_REQUEST, Permission.WAIVER_GRANT} <= may, role
    assert not permitted({"risk-officer"}, Permission.RECORD_READ)


def test_one_address_is_one_person(services, project):
    """However the name before it is spelled."""
    gate_version(services, project, actor="Ada <ada@example.org>")
    assert person_named(services, "A. <Ada@Example.org>").introduction == ()
    assert person_named(services, "ada").introduction


def test_reading_by_token_needs_a_token_that_is_for_it(staffed, project, clock):
    """Who reads the files reads them; who reads by a token reads what it names."""
    gate_version(staffed, project, actor="ada")
    assert len(inventory(staffed).systems) == 1
    token = issue_token(
        staffed,
        actor="root",
        to="dashboard",
        permissions=[Permission.RECORD_READ],
        expires=LATER,
    )
    as_dashboard = replace(staffed, bearer=bearer_of(staffed, token))
    with pytest.raises(NotPermitted):
        inventory(as_dashboard)
    grant_role(staffed, actor="root", to="dashboard", role="viewer")
    assert len(inventory(as_dashboard).systems) == 1
    assert inbox(as_dashboard, at=clock.now())
    blind = replace(as_dashboard.bearer, permissions=frozenset({Permission.VERSION_GATE}))
    with pytest.raises(NotPermitted, match="token is not for record:read"):
        inbox(replace(as_dashboard, bearer=blind), at=clock.now())
