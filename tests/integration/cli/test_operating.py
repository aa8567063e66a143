import pytest

from flowyard.storage.database import Database
from flowyard.storage.projects import create_project
from flowyard.storage.sealing import Sealer, new_key
from flowyard.storage.secrets import fetch_secrets
from flowyard.storage.tokens import find_token
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.errors import NoServerError, UsageError
from flowyard_cli.operating import (
    all_secrets,
    all_tokens,
    create_token_of,
    remove_secret,
    revoke_token_of,
)
from flowyard_cli.sealing import set_secret
from flowyard_cli.settings import OperatorSettings


@pytest.fixture
def settings(database_uri: str, monkeypatch: pytest.MonkeyPatch) -> OperatorSettings:
    monkeypatch.setenv("FLOWYARD_DATABASE_URL", database_uri)
    monkeypatch.setenv("FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY", new_key())
    return OperatorSettings()


async def test_a_token_is_valid_until_it_is_revoked(
    settings: OperatorSettings, database: Database
) -> None:
    made = await create_token_of(settings, None, actor="ops")
    async with database.transaction() as connection:
        found = await find_token(connection, made["token"])
    assert found is not None
    assert found.actor == "ops"

    await revoke_token_of(settings, None, found.token_id)

    async with database.transaction() as connection:
        assert await find_token(connection, made["token"]) is None
    listed = await all_tokens(settings, None)
    assert [row["actor"] for row in listed] == ["ops"]
    assert listed[0]["revoked_at"] is not None
    with pytest.raises(UsageError):
        await revoke_token_of(settings, None, found.token_id)


async def test_a_secret_is_stored_sealed_under_the_gateways_key(
    settings: OperatorSettings, database: Database
) -> None:
    async with database.transaction() as connection:
        await create_project(connection, name="shop", title="")

    await set_secret(settings, None, project="shop", name="DEPLOY", value="the value", actor="ops")

    async with database.hot() as hot:
        sealed = (await fetch_secrets(hot, [("shop", "DEPLOY")]))["shop", "DEPLOY"]
    assert "the value" not in sealed
    assert settings.secret_key is not None
    assert Sealer(settings.secret_key.get_secret_value()).unseal(sealed) == "the value"
    assert [row["name"] for row in await all_secrets(settings, None, project="shop")] == ["DEPLOY"]

    await remove_secret(settings, None, project="shop", name="DEPLOY")

    assert await all_secrets(settings, None, project="shop") == []


async def test_without_a_database_the_ways_to_name_one_are_told() -> None:
    nothing = OperatorSettings(database_url=None)

    with pytest.raises(NoServerError, match="FLOWYARD_DATABASE_URL"):
        await all_tokens(nothing, None)


async def test_a_data_folders_key_is_never_used_for_another_database(
    database_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    folder.write_secret(folder.secret_key_file, new_key())

    with pytest.raises(NoServerError, match="SECRET_KEY"):
        await set_secret(
            OperatorSettings(database_url=database_uri),
            folder,
            project="shop",
            name="x",
            value="y",
            actor="ops",
        )
