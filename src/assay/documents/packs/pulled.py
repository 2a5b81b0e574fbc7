"""What `assay pull` took in, in a few words."""

from __future__ import annotations

from assay.documents.gate import count
from assay.documents.packs.index import Pack


def render_pulled(pack: Pack, *, received: int, known: int) -> str:
    """The version, the log that it comes from, and how much of it is new here."""
    news = count(received, "new statement") if received else "nothing new"
    before = f", {known} known before" if known else ""
    return f"PULLED  {pack.system} {pack.name}   {news}{before}   from {pack.checkpoint.origin}\n"
