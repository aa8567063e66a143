"""Installs the console's packages and builds its bundle, each only when its inputs have changed.

Stamps are by content, not by time: a fresh clone, a copied tree and an image all
tell alike whether a bundle is the one that its sources make.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.console.alone import alone
from tools.console.node import Node

SOURCES = ("src", "public", "generator", "index.html", "vite.config.ts", "tsconfig.json")
"""What the bundle is made of, besides the packages."""

PACKAGES = ("package.json", "package-lock.json", "generator/package.json", ".npmrc")
"""What says which packages are installed."""

STAMP = ".stamp"
"""File that holds the digest of what its folder was made from."""

_MADE_BY_TOOLS = {"node_modules", ".vite"}
_TESTS = (".test.ts", ".test.tsx")


@dataclass(frozen=True, slots=True)
class Console:
    """The console of one source tree.

    Parameters
    ----------
    root
        The project's folder.
    """

    root: Path

    @property
    def folder(self) -> Path:
        """Where the console's sources are."""
        return self.root / "services" / "console"

    @property
    def bundle(self) -> Path:
        """Where the API serves it from."""
        return self.root / "services" / "api" / "src" / "flowyard_api" / "bundle"

    @property
    def is_built(self) -> bool:
        """Tell whether the bundle is the one that the sources make."""
        return _read(self.bundle / STAMP) == self.digest(*SOURCES, *PACKAGES)

    def digest(self, *names: str) -> str:
        """Return what the content of files and folders comes to; tests are no part of it."""
        seen = hashlib.sha256()
        for path in self._files(names):
            seen.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
            seen.update(hashlib.sha256(path.read_bytes()).digest())
        return seen.hexdigest()

    def install(self, node: Node) -> None:
        """Have ``node_modules`` hold what the lock names."""
        with alone(self.root):
            self._install(node)

    def _install(self, node: Node) -> None:
        stamp = self.folder / "node_modules" / STAMP
        wanted = self.digest(*PACKAGES)
        if _read(stamp) == wanted:
            return
        self.run(node, [str(node.npm), "ci", "--no-audit", "--no-fund", "--loglevel=error"])
        stamp.write_text(wanted, encoding="utf-8")

    def build(self, node: Node) -> bool:
        """Build the bundle if it is missing or out of date, and tell whether it was."""
        with alone(self.root):
            return not self.is_built and self._build(node)

    def _build(self, node: Node) -> bool:
        wanted = self.digest(*SOURCES, *PACKAGES)
        self._install(node)
        fresh = self.bundle.with_name("bundle.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self.run(node, [self.tool("vite"), "build", "--logLevel=warn", f"--outDir={fresh}"])
        (fresh / STAMP).write_text(wanted, encoding="utf-8")
        # An API that is running finds the old bundle or the new one, never half of one.
        shutil.rmtree(self.bundle, ignore_errors=True)
        fresh.rename(self.bundle)
        return True

    def tool(self, name: str, package: str | None = None) -> str:
        """Return the script of an installed tool, to be run by Node."""
        return str(_script(self.folder / "node_modules" / (package or name), name))

    def run(
        self,
        node: Node,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        output: IO[str] | None = None,
    ) -> None:
        """Run a script by Node in the console's folder; what it prints goes to ``output``.

        Raises
        ------
        subprocess.CalledProcessError
            Raised if it fails.
        """
        inherited = dict(os.environ)  # noqa: TID251  # npm and Node read their settings there
        # Scripts of packages start `node`, and must find this one.
        path = f"{node.program.parent}{os.pathsep}{inherited.get('PATH', '')}"
        subprocess.run(  # noqa: S603  # our own tools
            [str(node.program), *arguments],
            cwd=self.folder,
            env={**inherited, "PATH": path, **(environment or {})},
            stdout=output,
            check=True,
        )

    def _files(self, names: Sequence[str]) -> Iterator[Path]:
        for name in sorted(names):
            place = self.folder / name
            if place.is_file():
                yield place
            for path in sorted(place.rglob("*")):
                parts = path.relative_to(self.folder).parts
                is_made = bool(_MADE_BY_TOOLS.intersection(parts))
                if path.is_file() and not is_made and not path.name.endswith(_TESTS):
                    yield path


def _script(package: Path, name: str) -> Path:
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]
    return package / (told if isinstance(told, str) else told[name])


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
