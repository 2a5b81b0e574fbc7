"""SageMaker Clarify's open metrics of the three datasets, as JSON on standard output."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import Any

import pandas as pd
from smclarify.bias.metrics import posttraining as post
from smclarify.bias.metrics import pretraining as pre
from tests.parity.peers.datasets import DATASETS, Dataset


def audited(dataset: Dataset) -> dict[str, Any]:
    """Every metric of each pair of groups, the second being the sensitive facet."""
    people = list(dataset.people())
    strata = dict(dataset.strata)
    answers: dict[str, Any] = {}
    for column, privileged, unprivileged in dataset.pairs:
        held = [person for person in people if person[0][column] in {privileged, unprivileged}]
        feature = pd.Series([person[0][column] for person in held])
        facet = feature == unprivileged
        label = pd.Series([person[1] == 1 for person in held])
        decision = pd.Series([person[2] == 1 for person in held])
        stratum = pd.Series([person[0][strata[column]] for person in held])
        answers[column] = {
            "CI": pre.CI(feature, facet),
            "DPL": pre.DPL(feature, facet, label),
            "KL": pre.KL(label, facet),
            "KL of the other facet": pre.KL(label, ~facet),
            "JS": pre.JS(label, facet),
            "LP": pre.LP(label, facet),
            "TVD": pre.TVD(label, facet),
            "KS": pre.KS(label, facet),
            "CDDL": pre.CDDL(feature, facet, label, stratum),
            "DPPL": post.DPPL(feature, facet, decision),
            "DI": post.DI(feature, facet, decision),
            "DCA": post.DCA(feature, facet, label, decision),
            "DCR": post.DCR(feature, facet, label, decision),
            "RD": post.RD(feature, facet, label, decision),
            "SD": post.SD(feature, facet, label, decision),
            "DAR": post.DAR(feature, facet, label, decision),
            "DRR": post.DRR(feature, facet, label, decision),
            "AD": post.AD(feature, facet, label, decision),
            "CDDPL": post.CDDPL(feature, facet, decision, stratum),
            "TE": post.TE(feature, facet, label, decision),
            "GE": post.GE(label, decision),
        }
        answers[column] = {name: float(value) for name, value in answers[column].items()}
    return answers


if __name__ == "__main__":
    record = {
        "versions": {name: version(name) for name in ("smclarify", "pandas", "numpy")},
        "answers": {dataset.name: audited(dataset) for dataset in DATASETS},
    }
    sys.stdout.write(json.dumps(record, indent=1, sort_keys=True) + "\n")
