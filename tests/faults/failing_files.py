"""Letting the n-th call that writes or takes away a file fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STEPS: list[tuple[object, str]] = [
    (os, "open"),
    (os, "fsync"),
    (Path, "replace"),
    (Path, "hardlink_to"),
    (Path, "mkdir"),
    (shutil, "rmtree"),
]


def disk_full() -> None:
    """The fault that is meant unless another is given."""
    raise OSError(28, "No space left on device")


def fail_step(
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    *,
    after: bool,
    fault: Callable[[], None] = disk_full,
) -> Callable[[], bool]:
    """Let the n-th such call fail, before or after it had its effect; tells whether one did."""
    count, struck = 0, False

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        def strike(*arguments: Any, **options: Any) -> Any:
            nonlocal count, struck
            count += 1
            result = None
            if count != number or after:
                result = call(*arguments, **options)
            if count == number:
                struck = True
                fault()
            return result

        return strike

    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))
    return lambda: struck
