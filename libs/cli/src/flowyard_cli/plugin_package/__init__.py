"""A plugin's package, as ``flowyard plugin new`` writes it.

The files beside this one end in ``.template``; what they call ``$name`` and so
on is filled in, and their folders are those of the package.
"""

import keyword
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

from flowyard.errors import PermanentError

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a plugin may be called, which is what the plugin gateway takes."""

PATHS = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "src/__init__.py": "src/{package}/__init__.py",
    "src/plugin.py": "src/{package}/plugin.py",
    "src/py.typed": "src/{package}/py.typed",
    "tests/test_plugin.py": "tests/test_plugin.py",
}
"""Where each file goes, keyed by where its template stands."""


class PluginNameError(PermanentError):
    """Raised for a name that no plugin can have."""

    code = "invalid_plugin_name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Expected a name of a-z, 0-9 and _ that begins with a letter, but got '{name}'"
        )
        self.name = name


def plugin_package(name: str) -> dict[Path, str]:
    """Return the files of a package with one plugin, keyed by path below the package's folder.

    Raises
    ------
    PluginNameError
        Raised if a plugin cannot have that name.
    """
    words = _words(name)
    package = f"flowyard_plugin_{name}"
    facts = {
        "name": name,
        "package": package,
        "distribution": folder_name(name),
        "class_name": "".join(word.capitalize() for word in words),
        "title": " ".join(words).capitalize(),
        "flowyard": version("flowyard"),
    }
    templates = files(__name__)
    return {
        Path(target.format(package=package)): Template(
            templates.joinpath(f"{source}.template").read_text(encoding="utf-8")
        ).substitute(facts)
        for source, target in PATHS.items()
    }


def folder_name(name: str) -> str:
    """Return what the package's folder and distribution are called."""
    return "-".join(["flowyard", "plugin", *_words(name)])


def _words(name: str) -> list[str]:
    words = [word for word in name.split("_") if word]
    # Two underscores or one at the end would give two names to one distribution.
    if not NAME.fullmatch(name) or "_".join(words) != name or keyword.iskeyword(name):
        raise PluginNameError(name)
    return words
