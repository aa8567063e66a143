"""What a browser's cookie may do: read freely, write only from pages of this server."""

from typing import Annotated, Final

from fastapi import Depends, Header, Request

from flowyard_api.errors import ApiError

SESSION_COOKIE: Final = "flowyard_session"
"""Holds the token of who has signed in with a browser."""

CONSOLE_HEADER: Final = "X-Flowyard-Console"
"""Set by the console. For a foreign page to send it, a browser would ask us first: we say no."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForbiddenOriginError(ApiError):
    """Raised for a write that any page of the web could have had a browser send."""

    code = "forbidden_origin"


def check_origin(request: Request) -> None:
    """Let a request that a cookie signs through if it writes nothing, or comes from the console.

    Raises
    ------
    ForbiddenOriginError
        Raised if a foreign page may have sent it.
    """
    if request.method in _SAFE_METHODS or request.headers.get(CONSOLE_HEADER) == "1":
        return
    raise ForbiddenOriginError(
        f"Expected header {CONSOLE_HEADER} with what a browser's cookie signs, but there is none"
    )


async def _from_the_console(
    request: Request,
    _: Annotated[
        str | None,
        Header(
            alias=CONSOLE_HEADER,
            description="Always `1`: pages of other servers cannot send it.",
            examples=["1"],
        ),
    ] = None,
) -> None:
    check_origin(request)


from_the_console = Depends(_from_the_console)
"""For routes that set or take away the cookie."""
