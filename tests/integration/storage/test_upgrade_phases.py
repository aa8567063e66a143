"""The two phases of an upgrade, on migrations of a release that follows the present one."""

from pathlib import Path

import pytest

from flowyard.contracts.topics import RECORD_VERSION
from flowyard.storage import migrate
from flowyard.storage.database import Database
from flowyard.storage.errors import (
    ContractPendingError,
    ReleaseTooOldError,
    SchemaMismatchError,
)
from flowyard.storage.migrate import (
    Phase,
    check_schema,
    expected_revision,
    is_too_old_for,
    upgrade,
)
from flowyard.storage.release import ReleaseWatch, look_at_release
from tests.support.releases import MIGRATIONS, Release, following

LATER = '''"""Expand once more."""

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    pass
'''


@pytest.fixture
def present() -> str:
    """The revision of this release."""
    return expected_revision()


@pytest.fixture
def release(present: str, tmp_path: Path) -> Release:
    """The next release: it expands by one revision, and contracts by another."""
    del present
    return following(tmp_path)


@pytest.fixture
def becomes(release: Release, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Have the code of this process know the migrations of the next release."""
    monkeypatch.setattr(migrate, "MIGRATIONS", release.folder / Path(MIGRATIONS).parent)
    return release


async def _revision(database: Database) -> str:
    async with database.hot() as connection:
        found: str = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found


async def test_an_expansion_stops_before_what_the_old_release_needs(
    database: Database, becomes: Release
) -> None:
    *_, expanded, contracted = becomes.migrations

    first = await upgrade(database, Phase.EXPAND)
    again = await upgrade(database, Phase.EXPAND)
    await check_schema(database)
    last = await upgrade(database, Phase.CONTRACT)
    await check_schema(database)

    assert (first, again, last) == (expanded, expanded, contracted)


async def test_an_empty_database_gets_both_phases_at_once(
    empty_database_uri: str, becomes: Release
) -> None:
    async with Database(empty_database_uri) as database:
        revision = await upgrade(database, Phase.EXPAND)
        async with database.transaction() as connection:
            reached = await look_at_release(connection)

    assert revision == becomes.migrations[-1]
    assert (reached.revision, reached.record_version) == (revision, RECORD_VERSION)


async def test_a_new_release_needs_the_expansion_and_no_more(
    database: Database, present: str, becomes: Release
) -> None:
    with pytest.raises(SchemaMismatchError) as caught:
        await check_schema(database)

    assert (caught.value.found, caught.value.expected) == (present, becomes.migrations[-2])


async def test_an_old_release_works_on_what_was_expanded(
    database: Database, becomes: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upgrade(database, Phase.EXPAND)
    monkeypatch.undo()

    await check_schema(database)
    revision = await upgrade(database, Phase.EXPAND)

    assert revision == becomes.migrations[-2] == await _revision(database)


async def test_a_release_that_an_upgrade_has_left_behind_is_refused(
    database: Database, becomes: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upgrade(database, Phase.CONTRACT)
    monkeypatch.undo()

    with pytest.raises(ReleaseTooOldError) as caught:
        await check_schema(database)

    assert caught.value.revision == becomes.migrations[-1]


async def test_a_running_process_notices_that_an_upgrade_has_left_it_behind(
    database: Database, becomes: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    del becomes
    async with ReleaseWatch(database, is_too_old_for) as watch:
        assert watch.is_current

        await upgrade(database, Phase.CONTRACT)
        monkeypatch.undo()
        await watch.look()

        assert not watch.is_current
        assert watch.level.version == RECORD_VERSION


async def test_an_upgrade_does_not_begin_before_the_one_before_is_finished(
    database: Database, becomes: Release
) -> None:
    await upgrade(database, Phase.EXPAND)
    *_, expanded, contracted = becomes.migrations
    later = f"{int(contracted) + 1:04}"
    path = becomes.folder / MIGRATIONS / f"{later}_expand_once_more.py"
    path.write_text(LATER.format(revision=later, before=contracted))

    with pytest.raises(ContractPendingError) as caught:
        await upgrade(database, Phase.EXPAND)

    assert caught.value.revision == contracted
    assert await _revision(database) == expanded
