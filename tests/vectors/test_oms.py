"""A folder's root is the one that the OpenSSF reference signer signs."""

import base64
import json
from pathlib import Path

from assay.adapters.digests import oms_root

MODEL = Path(__file__).parent / "data" / "oms" / "v1.1.0-elliptic-key"


def test_the_root_equals_the_signed_subject():
    """The signed statement's subject is our root over the same files."""
    bundle = json.loads((MODEL / "model.sig").read_text())
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    outside = {"model.sig", *statement["predicate"]["serialization"].get("ignore_paths", [])}
    names = {Path(name).name for name in outside}
    signed = statement["subject"][0]["digest"]["sha256"]
    assert oms_root(MODEL, ignored=names) == signed
