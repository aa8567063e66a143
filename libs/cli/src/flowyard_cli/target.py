"""Finding the server to talk to and the token for it."""

from dataclasses import dataclass, field
from pathlib import Path

from flowyard_cli.data_folder import DataFolder, find_data_folder
from flowyard_cli.errors import NoServerError
from flowyard_cli.settings import ClientSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server, and what proves who asks."""

    server: str
    token: str = field(repr=False)


def find_target(
    *, server: str | None, token: str | None, settings: ClientSettings, start: Path
) -> Target:
    """Return the server and token that the command line, the environment or a data folder name.

    The data folder's token is only ever sent to the data folder's own server.

    Parameters
    ----------
    server, token
        As given on the command line.
    settings
        What the environment says.
    start
        Where to look for a data folder, and above.

    Raises
    ------
    NoServerError
        Raised if a server or its token is not named anywhere.
    """
    folder = DataFolder(settings.data) if settings.data else find_data_folder(start)
    known = folder.read(folder.address_file) if folder else None
    address = server or settings.server or known
    if address is None:
        raise NoServerError(
            "Expected a server, but none is named: start one with 'flowyard dev', work in its"
            " folder, or give --server and --token (FLOWYARD_SERVER, FLOWYARD_TOKEN)"
        )
    address = address.rstrip("/")
    given = settings.token.get_secret_value() if settings.token else None
    proof = token or given
    if proof is None and folder is not None and address == known:
        proof = folder.read(folder.token_file)
    if proof is None:
        raise NoServerError(
            f"Expected a token for {address}, but none is named: give --token or FLOWYARD_TOKEN"
        )
    return Target(server=address, token=proof)
