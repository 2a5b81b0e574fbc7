"""The inventory: what there is, what it uses, who answers for it, now and at any past moment."""

from datetime import timedelta
from typing import cast

import pytest

from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.life.approval import approve_version
from assay.app.life.declaring import DependencyCycle
from assay.app.life.discovering import Trace, discovered
from assay.app.life.inventory import (
    InventoryRefused,
    declare_asset,
    inventory,
    lineage,
    review_system,
)
from assay.app.life.promotion import promote_version
from assay.app.life.retirement import RetirementRefused, retire_system, retire_version
from assay.documents.inventory import inventory_json, render_inventory, render_lineage
from assay.governance.stages import PRODUCTION


def live(services, project):
    gate_version(services, project, actor="ada")
    for actor, role in (("ben", "validator"), ("cleo", "approver")):
        found = find_version(services, "credit", "1.0.0")
        approve_version(services, project, found, actor=actor, role=role, reason="It holds.")
    found = find_version(services, "credit", "1.0.0")
    promote_version(services, project, found, actor="ops", stage=PRODUCTION)


def declare(services, asset="llm", **more):
    return declare_asset(
        services,
        actor="ada",
        asset=asset,
        kind=more.pop("kind", "service"),
        owner="team:platform",
        purpose="Writes letters",
        **more,
    )


def test_everything_of_a_system_in_one_line(services, project, rewrite):
    """Owners by role, versions, stages, what it uses, and when it is to be reviewed."""
    declare(services, exposures=["eu-ai-act:gpai"])
    rewrite(
        "assay.yaml",
        "tier: high}",
        "tier: high, on_call: Dee, uses: [llm, ghost], review_days: 90}",
    )
    live(services, project)
    (line,) = inventory(services).systems
    assert (line.system, line.tier, line.owner, line.on_call) == (
        "credit",
        "high",
        "team:lending",
        "Dee",
    )
    assert (line.versions, line.latest, line.outcome) == (1, "1.0.0", "allow")
    assert [(item.name, item.stage) for item in line.advanced] == [("1.0.0", "production")]
    assert (line.uses, line.unknown_uses) == (("llm", "ghost"), ("ghost",))
    assert line.exposures == ("eu-ai-act:gpai",)
    assert not line.overdue
    text = render_inventory(inventory(services))
    assert "not in the inventory: ghost" in text
    assert "legal classes: eu-ai-act:gpai" in text
    assert '"schema": "assay.inventory/1"' in inventory_json(inventory(services))


def test_exposure_reaches_through_what_is_used(services, project, rewrite):
    """A system is in the class of what its service uses."""
    declare(services, "base", exposures=["eu-ai-act:gpai"])
    declare(services, "llm", uses=["base"])
    rewrite("assay.yaml", "tier: high}", "tier: high, uses: [llm]}")
    gate_version(services, project, actor="ada")
    (line,) = inventory(services).systems
    assert line.exposures == ("eu-ai-act:gpai",)


def test_the_inventory_of_any_past_moment(services, project, clock):
    """What was not yet there is not shown; what has changed since is as it was."""
    before = clock.now()
    gate_version(services, project, actor="ada")
    held = clock.now()
    live(services, project)
    assert inventory(services, at=before).systems == ()
    (then,) = inventory(services, at=held).systems
    (now,) = inventory(services).systems
    assert (then.outcome, then.advanced) == ("hold", ())
    assert (now.outcome, len(now.advanced)) == ("allow", 1)


def test_reviews_fall_due(services, project, rewrite, clock):
    """A review today postpones the next one."""
    rewrite("assay.yaml", "tier: high}", "tier: high, review_days: 30}")
    gate_version(services, project, actor="ada")
    clock.time += timedelta(days=31)
    assert inventory(services).systems[0].overdue
    review_system(services, "credit", actor="val", reason="Still needed.")
    assert not inventory(services).systems[0].overdue
    with pytest.raises(InventoryRefused, match="no system"):
        review_system(services, "credits", actor="val", reason="Typo.")


def test_names_are_not_in_the_log(services, project, rewrite):
    """An owner is a person; the log holds a salted digest."""
    rewrite("assay.yaml", "team:lending", "Olive Owner")
    gate_version(services, project, actor="ada")
    assert not any(b"Olive" in entry.data for entry in services.journal.entries())
    assert inventory(services).systems[0].owner == "Olive Owner"


def test_a_change_of_owner_is_declared_once(services, project, rewrite):
    """The same manifest again declares nothing."""
    gate_version(services, project, actor="ada")
    size = services.journal.head().size
    gate_version(services, project, actor="ada")
    assert services.journal.head().size == size + 1
    rewrite("assay.yaml", "team:lending", "team:cards")
    gate_version(services, project, actor="ada")
    assert services.journal.head().size == size + 3
    assert inventory(services).systems[0].owner == "team:cards"


def test_cycles_of_dependencies_are_refused(services, project, rewrite):
    """By way of another's service, and an asset by itself; the way round is named."""
    declare(services, "llm", uses=["credit"])
    rewrite("assay.yaml", "tier: high}", "tier: high, uses: [llm]}")
    with pytest.raises(DependencyCycle, match="credit → llm → credit"):
        gate_version(services, project, actor="ada")
    with pytest.raises(InventoryRefused, match="use itself"):
        declare(services, "base", uses=["llm", "base"])


def test_a_system_is_not_retired_while_another_uses_it(services, project, rewrite):
    """Neither its last live version, nor the system."""
    live(services, project)
    version = find_version(services, "credit", "1.0.0")
    rewrite("assay.yaml", "id: credit", "id: letters")
    rewrite("assay.yaml", "tier: high}", "tier: high, uses: [credit]}")
    gate_version(services, project, actor="ada")
    with pytest.raises(RetirementRefused, match="used by: letters"):
        retire_version(services, version, actor="ops", reason="Old.")
    retire_system(services, "letters", actor="ops", reason="Never used.")
    retire_version(services, version, actor="ops", reason="Old.")
    retire_system(services, "credit", actor="ops", reason="Old.")


def test_lineage_from_a_version_to_people(services, project):
    """Components by digest, who made it, and every step with its entry."""
    live(services, project)
    found = lineage(services, find_version(services, "credit", "1.0.0"))
    assert found.author == "ada"
    assert set(found.components) == {"model"}
    assert [step.what.split()[0].rstrip(":") for step in found.steps] == [
        "evaluated",
        *["decided", "approved"] * 2,
        *["decided", "moved"],
    ]
    assert "made by ada" in render_lineage(found)


def test_discovery_is_set_against_the_inventory(services, project, repository):
    """A model's file is known by its digest, code and deployments by their system."""
    gate_version(services, project, actor="ada")
    (line,) = (item for item in inventory(services).systems)
    version = find_version(services, line.system, "1.0.0")
    components = cast(dict[str, dict[str, str]], version.value["components"])
    digest = components["model"]["sha256"]

    def trace(kind, *, digest="", system=""):
        return Trace(kind=kind, path="x", line=None, what="", digest=digest, system=system)

    found = discovered(
        services,
        [
            trace("model", digest=digest),
            trace("model", digest="0" * 64, system="credit"),
            trace("code", system="credit"),
            trace("code", system="ghost"),
            trace("code"),
            trace("deployment"),
        ],
    )
    assert [item.governed for item in found] == [True, False, True, False, False, False]
