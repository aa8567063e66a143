"""Models of me.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from flowyard.client.model import Answer


class MeView(Answer):
    """Who the bearer of the token acts as."""

    actor: str
    token_id: UUID
