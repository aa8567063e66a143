"""What the client reads from the environment: the same as the command line does."""

from pydantic import SecretStr

from flowyard.client.errors import NoServerError
from flowyard.settings import ServiceSettings, SettingsConfigDict


class ClientSettings(ServiceSettings):
    """Which server to talk to, and what proves who asks."""

    model_config = SettingsConfigDict(env_prefix="FLOWYARD_", frozen=True, extra="ignore")

    server: str | None = None
    """Address of the API, as in ``http://127.0.0.1:8080``."""
    token: SecretStr | None = None
    """Bearer token for it."""


def find_server(server: str | None, token: str | None) -> tuple[str, str]:
    """Return address and token, as given or as the environment has them.

    Raises
    ------
    NoServerError
        Raised if one of them is named nowhere.
    """
    settings = ClientSettings()
    address = server or settings.server
    proof = token or (settings.token.get_secret_value() if settings.token else None)
    if not address:
        raise NoServerError("Expected a server, but none is given and FLOWYARD_SERVER is not set")
    if not proof:
        raise NoServerError("Expected a token, but none is given and FLOWYARD_TOKEN is not set")
    return address.rstrip("/"), proof
