"""Releases of Flowyard side by side: copies of its sources that processes are started from."""

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

from tests.support.project import ROOT

FOLDERS = ("libs", "services")
LEFT_OUT = ("__pycache__", "node_modules", "static")
MIGRATIONS = "libs/common/src/flowyard/storage/migrations/versions"
OLD_NAME, NEW_NAME = "callback_secret", "callback_key"
EXPAND = '''"""Give the callback's secret another name, beside the one that it has."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.add_column("instance", sa.Column("{new}", sa.Text))
    op.execute("UPDATE instance SET {new} = {old}")
    op.execute(
        """
        CREATE FUNCTION name_twice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.{new} := coalesce(NEW.{new}, NEW.{old});
            NEW.{old} := coalesce(NEW.{old}, NEW.{new});
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER name_twice BEFORE INSERT ON instance"
        " FOR EACH ROW EXECUTE FUNCTION name_twice()"
    )
    op.alter_column("instance", "{new}", nullable=False)
'''
CONTRACT = '''"""Take the old name of the callback's secret away."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
phase = "contract"


def upgrade() -> None:
    op.execute("DROP TRIGGER name_twice ON instance")
    op.execute("DROP FUNCTION name_twice()")
    op.drop_column("instance", "{old}")
'''
NEW_RECORDS = {
    "libs/common/src/flowyard/contracts/topics.py": [
        ("\nRECORD_VERSION = 1\n", "\nRECORD_VERSION = 2\n")
    ],
    "libs/common/src/flowyard/contracts/records.py": [
        (
            '"""Names of outputs that are to be sealed."""\n',
            '"""Names of outputs that are to be sealed."""\n    written_as: int | None = None\n',
        )
    ],
    "services/worker/src/flowyard_worker/wire.py": [
        (
            "list[str] = field(default_factory=list)\n",
            "list[str] = field(default_factory=list)\n    written_as: int | None = None\n",
        )
    ],
    "services/scheduler/src/flowyard_scheduler/translate.py": [
        (
            "traceparent: str | None) -> bytes",
            "traceparent: str | None, version: int = 1) -> bytes",
        ),
        (
            "return orjson.dumps(record)\n",
            'return orjson.dumps(record | ({"written_as": version} if version > 1 else {}))\n',
        ),
    ],
    "services/scheduler/src/flowyard_scheduler/outgoing.py": [
        ("node_id, traceparent)", "node_id, traceparent, self.level.version)"),
    ],
}
"""What a release changes that has a further field in a record, by file."""


class Release:
    """Sources in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def variables(self) -> dict[str, str]:
        """What a process is told so that it runs these sources, not those that are installed."""
        roots = [*self.folder.glob("libs/*/src"), *self.folder.glob("services/*/src")]
        return {"PYTHONPATH": ":".join(map(str, sorted(roots)))}

    @property
    def migrations(self) -> list[str]:
        """The revisions of its schema, in order."""
        return sorted(path.name[:4] for path in (self.folder / MIGRATIONS).glob("[0-9]*.py"))


def present(folder: Path) -> Release:
    """Return a copy of the sources as they are now: nobody changes them while they run."""
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True
        )
    return Release(folder)


def of_commit(ref: str, folder: Path) -> Release:
    """Return the sources of a commit."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(  # noqa: S603
        ["git", "archive", ref, *FOLDERS],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return Release(folder)


def following(folder: Path) -> Release:
    """Return a release after the present one: a column is renamed, a record has a field more."""
    release = present(folder)
    for path in _sources(folder):
        text = path.read_text(encoding="utf-8")
        if OLD_NAME in text:
            path.write_text(re.sub(rf"\b{OLD_NAME}\b", NEW_NAME, text), encoding="utf-8")
    for name, changes in NEW_RECORDS.items():
        path = folder / name
        path.write_text(_changed(path.read_text(encoding="utf-8"), changes), encoding="utf-8")
    for template in (EXPAND, CONTRACT):
        before = release.migrations[-1]
        revision = f"{int(before) + 1:04}"
        path = folder / MIGRATIONS / f"{revision}_rename_the_callback_secret.py"
        text = template.format(revision=revision, before=before, old=OLD_NAME, new=NEW_NAME)
        path.write_text(text, encoding="utf-8")
    return release


def _sources(folder: Path) -> Iterable[Path]:
    for pattern in ("*.py", "*.sql"):
        yield from (one for one in folder.rglob(pattern) if "versions" not in one.parts)


def _changed(text: str, changes: Iterable[tuple[str, str]]) -> str:
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"Expected {old!r} once in what is to be changed")
        text = text.replace(old, new)
    return text
