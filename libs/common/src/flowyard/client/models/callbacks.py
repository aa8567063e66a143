"""Models of callbacks.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.model import Answer


class CallbackAcceptedView(Answer):
    """A callback that was taken in."""

    accepted: bool = True
