"""Judging and expressions, against plain Python and policy engines: `python -m benchmarks.policy`.

Prints how long 100 requirements take that are judged from stored measurements (the design
allows 10 ms), and how many decisions on 20 thresholds over 60 metrics a second of CPU gives:
by plain comparisons, by CEL as policies use it here, and by the gate, which says of each
requirement what it was judged by. With `--peers FOLDER` the scripts `policy_*.py` found there
are run too, each by `--python`, an interpreter that has those engines; each must print one
JSON line with `peer` and `result.decisions_per_cpu_s`. Ratios are of this run alone.
"""

from __future__ import annotations

import argparse
import json
import operator
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from benchmarks.__main__ import print_machine

from assay.adapters.expressions import compile_expression
from assay.evidence.measurement import Fact, Measurement
from assay.policy.expressions import Kind, evaluated
from assay.policy.gate import Decision, Measure, assess, decide
from assay.policy.policy import (
    Bar,
    Direction,
    Outcome,
    Policy,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors, Estimate
from assay.stats.proportions import Proportion, proportion

SEED: Final = 20261124
AT: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
JUDGED: Final = 100
JUDGED_BAR_MS: Final = 10.0
METRICS: Final = 60
RULES: Final = 20
INPUTS: Final = 200
PEER_DECISIONS: Final = 2_000

Metrics = Mapping[str, float]
Rule = tuple[str, str, float]


def main() -> None:
    """Print both parts; exit 1 if judging takes longer than the design allows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peers", type=Path, help="A folder with scripts policy_*.py.")
    parser.add_argument("--python", default=sys.executable, help="An interpreter for those.")
    chosen = parser.parse_args()
    print_machine()
    taken_ms = _judging_ms()
    print(f"{JUDGED} requirements from stored measurements: {taken_ms:.2f} ms of CPU")
    rates = _own_rates()
    if chosen.peers is not None:
        rates |= _peer_rates(chosen.peers, chosen.python)
    floor = rates["plain Python"]
    print(f"\n{'decisions on 20 thresholds':<40}{'a second of CPU':>16}{'x plain':>10}")
    for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
        print(f"{name:<40}{rate:>16,.0f}{floor / rate:>10.1f}")
    if taken_ms > JUDGED_BAR_MS:
        raise SystemExit(f"Judging takes more than {JUDGED_BAR_MS} ms.")


def _judging_ms() -> float:
    """CPU of one decision on measurements whose bounds are at hand, the least of many."""
    draw = random.Random(SEED)
    rules = [
        Requirement(
            id=RequirementId(f"r{index}"),
            check="family.rate",
            bar=Bar(
                direction=Direction.AT_MOST if index % 2 else Direction.AT_LEAST,
                by_tier={Tier.LOW: Decimal("0.6") if index % 2 else Decimal("0.4")},
            ),
        )
        for index in range(JUDGED)
    ]
    measures = {
        rule.id: Measure(at=_stored(draw.randint(450, 550)), statistical=True, taken_at=AT)
        for rule in rules
    }
    policy = _policy(rules)
    _decided(policy, measures)  # what is stored is now at hand
    return min(_cpu(partial(_decided, policy, measures)) for _ in range(20)) * 1000


def _stored(events: int) -> Callable[[Errors], Measurement]:
    """The bounds of a proportion of 1,000, computed once for each pair of errors."""

    @lru_cache(maxsize=8)
    def at(errors: Errors) -> Estimate:
        found = proportion(Proportion(events=events, trials=1000), errors=errors)
        assert isinstance(found, Estimate)
        return found

    return at


def _own_rates() -> dict[str, float]:
    """Decisions a second of CPU, all three ways, which must agree."""
    draw = random.Random(SEED)
    rules: list[Rule] = [
        (f"m{index}", "<=" if number % 2 else ">=", 0.97 if number % 2 else 0.03)
        for number, index in enumerate(draw.sample(range(METRICS), RULES))
    ]
    inputs = [
        {f"m{index}": round(draw.random(), 6) for index in range(METRICS)} for _ in range(INPUTS)
    ]
    ways = {
        "plain Python": _by_python(rules),
        "CEL, every datum checked": _by_cel(rules),
        "the gate": _by_gate(rules),
    }
    expected = [ways["plain Python"](metrics) for metrics in inputs]
    rates: dict[str, float] = {}
    for name, way in ways.items():
        if [way(metrics) for metrics in inputs] != expected:
            raise SystemExit(f"{name} decides otherwise than plain Python.")
        rates[name] = INPUTS / min(_cpu(partial(_all, way, inputs)) for _ in range(5))
    return rates


def _all(way: Callable[[Metrics], bool], inputs: Sequence[Metrics]) -> None:
    for metrics in inputs:
        way(metrics)


def _by_python(rules: Sequence[Rule]) -> Callable[[Metrics], bool]:
    compared = [
        (name, operator.ge if sign == ">=" else operator.le, limit) for name, sign, limit in rules
    ]

    def way(metrics: Metrics) -> bool:
        violated = [name for name, holds, limit in compared if not holds(metrics[name], limit)]
        return not violated

    return way


def _by_cel(rules: Sequence[Rule]) -> Callable[[Metrics], bool]:
    """One expression a rule, each with what it reads checked before."""
    variables = {name: Kind.NUMBER for name, _, _ in rules}
    programs = [
        compile_expression(f"{name} {sign} {limit}", variables) for name, sign, limit in rules
    ]

    def way(metrics: Metrics) -> bool:
        found = [evaluated(program, metrics) for program in programs]
        return not [item for item in found if not (isinstance(item, Fact) and item.value)]

    return way


def _by_gate(rules: Sequence[Rule]) -> Callable[[Metrics], bool]:
    """One requirement a rule: the decision says of each what it was judged by."""
    requirements = [
        Requirement(
            id=RequirementId(name),
            check="family.metric",
            bar=Bar(
                direction=Direction.AT_LEAST if sign == ">=" else Direction.AT_MOST,
                by_tier={Tier.LOW: Decimal(str(limit))},
            ),
        )
        for name, sign, limit in rules
    ]
    policy = _policy(requirements)

    def way(metrics: Metrics) -> bool:
        measures = {
            rule.id: Measure(
                at=partial(_fact, Decimal(str(metrics[rule.id]))), statistical=False, taken_at=AT
            )
            for rule in requirements
        }
        return _decided(policy, measures).outcome is Outcome.ALLOW

    return way


def _fact(value: Decimal, _errors: Errors) -> Fact:
    return Fact(value=value)


def _policy(rules: Sequence[Requirement]) -> Policy:
    return Policy(name="p", version="1", digest="0" * 64, requirements=tuple(rules))


def _decided(policy: Policy, measures: Mapping[RequirementId, Measure]) -> Decision:
    judgements, tests, error = assess(policy, tier=Tier.HIGH, measures=measures, at=AT)
    return decide(
        policy,
        tier=Tier.HIGH,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis="b" * 64,
        approvals=[],
        author="ada",
        at=AT,
    )


def _peer_rates(folder: Path, python: str) -> dict[str, float]:
    """What the scripts in a folder print; those whose engine is not installed are named."""
    rates: dict[str, float] = {}
    for script in sorted(folder.glob("policy_*.py")):
        if script.stem == "policy_common":
            continue
        command = [python, str(script), "--rows", str(PEER_DECISIONS), "--reps", "3"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            print(f"{script.stem}: {ran.stderr.strip().splitlines()[-1]}")
            continue
        line = json.loads(ran.stdout.strip().splitlines()[-1])
        rates[f"{line['peer']} ({script.stem})"] = float(line["result"]["decisions_per_cpu_s"])
    return rates


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    main()
