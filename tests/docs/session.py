"""A reader who follows a document from its first block to its last, in a folder of their own."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import yaml
from tests.docs.blocks import Block, Command, blocks, commands

from assay.adapters.loaders.extending import PolicyReader
from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import find_checks
from assay.adapters.project import LocalProject
from assay.app.ports import CheckCatalogue, Written

SECONDS_MAX: Final = 120


class Session:
    """What was done in one folder.

    Attributes:
        executed: how many blocks were run, loaded or written as files.
        shown: how many outputs were compared.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.executed = 0
        self.shown = 0

    def follow(self, document: Path) -> None:
        """Do all that a document says; raises AssertionError where it is not true."""
        for block in blocks(document):
            if block.file is not None:
                self._keep(block, block.file)
            elif block.language == "console":
                for command in commands(block):
                    self._run(block, command)
            elif block.language == "python":
                self._succeed(block, [sys.executable, "-c", block.text])
            else:
                continue
            self.executed += 1

    def _keep(self, block: Block, name: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if block.language == "yaml":
            load(Written(file=name, source=block.text.encode()), self._folder)

    def _run(self, block: Block, command: Command) -> None:
        done = self._process(["bash", "-c", command.text])
        said = f"{block.place}: $ {command.text}\nexit {done.returncode}\n{done.stdout}"
        assert done.returncode == command.code, said
        if command.output:
            assert_shown(command.output, done.stdout, where=f"{block.place}: $ {command.text}")
            self.shown += 1

    def _succeed(self, block: Block, words: list[str]) -> None:
        done = self._process(words)
        assert done.returncode == 0, f"{block.place}\n{done.stdout}"

    def _process(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self._folder,
            env=environment(self._folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )


def environment(folder: Path) -> dict[str, str]:
    """What a newcomer's shell holds: an empty home, and the program on the path."""
    return {
        "HOME": str(folder / "home"),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.defpath)),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONWARNINGS": "error",
    }


def load(written: Written, folder: Path) -> None:
    """Load YAML as what it is: a manifest, a policy, or any document.

    Raises:
        ConfigurationError: it is a manifest or a policy that does not load.
    """
    keys = yaml.safe_load(written.source)
    manifest = folder / "assay.yaml"
    if "assay" in keys:
        parse_manifest(written, folder=folder)
    elif "policy" in keys and "requirements" in keys:
        whole = PolicyReader(folder).read(written.file)
        parse_policy(whole, _checks(manifest) if manifest.exists() else find_checks())


def _checks(manifest: Path) -> CheckCatalogue:
    """The checks that a policy may name in a folder with a manifest."""
    project = LocalProject(manifest)
    return project.checks(project.manifest()[0])


def assert_shown(shown: str, printed: str, *, where: str) -> None:
    """What a document shows is what was printed, where `...` stands for anything."""
    wanted, got = (
        "\n".join(line.rstrip() for line in text.rstrip().splitlines()) + "\n"
        for text in (shown, printed)
    )
    matches = doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS)
    assert matches, f"{where}\n--- shown\n{wanted}\n--- printed\n{got}"
