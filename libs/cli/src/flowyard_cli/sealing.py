"""Setting a secret: the only thing an operator does that needs the plugin gateway's key."""

from flowyard.storage.projects import find_project
from flowyard.storage.sealing import Sealer
from flowyard.storage.secrets import put_secret
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.errors import NoServerError
from flowyard_cli.operating import open_database
from flowyard_cli.settings import OperatorSettings


async def set_secret(
    settings: OperatorSettings,
    folder: DataFolder | None,
    *,
    project: str,
    name: str,
    value: str,
    actor: str,
) -> None:
    """Seal a secret's value under the plugin gateway's key and store it."""
    sealer = Sealer(_secret_key(settings, folder))
    async with open_database(settings, folder) as database, database.transaction() as connection:
        found = await find_project(connection, project)
        await put_secret(connection, found.project_id, name, sealed=sealer.seal(value), actor=actor)


def _secret_key(settings: OperatorSettings, folder: DataFolder | None) -> str:
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    # A data folder's key belongs to its own database and to no other.
    if folder is not None and settings.database_url is None:
        found = folder.read(folder.secret_key_file)
        if found is not None:
            return found
    raise NoServerError(
        "Expected the plugin gateway's key, but none is named:"
        " set FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY"
    )
