"""What a new data folder begins with: a token, a project, and flows to try."""

import getpass
import re
from graphlib import TopologicalSorter
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard.storage.projects import Project, create_project, find_project
from flowyard.storage.sealing import Sealer
from flowyard.storage.secrets import put_secret
from flowyard.storage.tokens import create_token, find_token
from flowyard_cli.client import Client
from flowyard_cli.commands.apply import apply_definition
from flowyard_cli.commands.options import DEFAULT_PROJECT, project_path
from flowyard_cli.data_folder import DataFolder

TOKEN_SECRET = "flowyard_token"  # noqa: S105 - the name of a secret, not one
"""Secret with which the health check example reads this server's own API."""

WRITTEN_API_ADDRESS = "http://127.0.0.1:8080"
"""Address of the API as it stands in the example files."""

WRITTEN_DEMO_ADDRESS = "http://127.0.0.1:8090"
"""Address of the demo service as it stands in the example files."""

MOST_TEMPLATES = 1000
"""How many of the project's templates are looked through for the examples."""

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")

_SUBFLOW = re.compile(r"^ *(?:- *)?subflow: *([\w-]+)", re.MULTILINE)
"""How an example names another one that it uses."""


async def ensure_project_and_token(database: Database, folder: DataFolder, sealer: Sealer) -> str:
    """Make sure that there is an example project and a token in the folder that is valid.

    Returns
    -------
    str
        The token.
    """
    async with database.transaction() as connection:
        try:
            project = await find_project(connection, DEFAULT_PROJECT)
        except NotFoundError:
            project = await create_project(
                connection, name=DEFAULT_PROJECT, title="Flows to try on this machine"
            )
        known = folder.read(folder.token_file)
        if known is not None and await find_token(connection, known) is not None:
            return known
        issued = await create_token(connection, actor=_person())
        await _seal_token(connection, project, sealer, issued.text)
    folder.write_secret(folder.token_file, issued.text)
    return issued.text


async def _seal_token(
    connection: AsyncConnection, project: Project, sealer: Sealer, token: str
) -> None:
    await put_secret(
        connection, project.project_id, TOKEN_SECRET, sealed=sealer.seal(token), actor=_person()
    )


def apply_examples(client: Client, *, demo_address: str) -> list[str]:
    """Publish the example flows that are not there yet, and return the keys of those published.

    Where this server or the demo service listens elsewhere than the files say,
    the address in them is replaced. A flow that a person has changed since stays
    as it is.
    """
    path = project_path(DEFAULT_PROJECT, "templates")
    known = {str(row["key"]) for row in client.pages(path, most=MOST_TEMPLATES)}
    published: list[str] = []
    for file in example_files():
        text = file.read_text().replace(WRITTEN_API_ADDRESS, client.server)
        if demo_address:
            text = text.replace(WRITTEN_DEMO_ADDRESS, demo_address)
        if file.stem not in known or _differs_by_address(client, file.stem, text):
            apply_definition(client, DEFAULT_PROJECT, text)
            published.append(file.stem)
    return published


def _differs_by_address(client: Client, key: str, text: str) -> bool:
    """Tell whether the newest version is the example itself, for another address."""
    number = client.get(project_path(DEFAULT_PROJECT, "templates", key))["latest_version"]
    if number is None:
        return False
    path = project_path(DEFAULT_PROJECT, "templates", key, "versions", number)
    stored = str(client.get(path)["source"])
    return stored != text and _ADDRESS.sub("", stored) == _ADDRESS.sub("", text)


def example_files() -> list[Path]:
    """Return the example definitions, those first that others use."""
    files = {file.stem: file for file in sorted(_folder().glob("*.yaml"))}
    used = {name: _SUBFLOW.findall(file.read_text()) for name, file in files.items()}
    return [files[name] for name in TopologicalSorter(used).static_order()]


def _folder() -> Path:
    """Return where the examples lie: in the installed package, or in the source tree."""
    installed = Path(__file__).parents[1] / "examples"
    return installed if installed.is_dir() else Path(__file__).parents[5] / "examples"


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "owner"
