"""Where the console answers: its files, and its one page under every other address."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from typing_extensions import override

from flowyard_api.console.files import Bundle, BundledFile
from flowyard_api.console.policy import NONCE_PLACE, content_policy, new_nonce

ASSETS: Final = "assets/"
"""Files whose names change with their content."""

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""How long an asset may be kept: a year, the longest that caches agree on."""

OTHERS: Final = frozenset({"api", "docs", "healthz", "readyz", "metrics"})
"""First parts of addresses that are not the console's."""

_FILE = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def console_routes(bundle: Bundle | None) -> list[Route]:
    """Return the console's routes, to be put behind all others.

    Parameters
    ----------
    bundle
        What was built; without it every page says how to build it.
    """
    if bundle is None:
        return [PageRoute("/{console:path}", _say_how_to_build())]
    return [
        *(Route(f"/{path}", _serve(path, file)) for path, file in bundle.files.items()),
        PageRoute("/{console:path}", _open(bundle.page)),
    ]


class PageRoute(Route):
    """Answers people who open an address of the console; programs are told that nothing is there.

    Where it does not match, it is as if it did not exist: what is unknown stays
    a problem document with 404, whatever its method.
    """

    @override
    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, dict[str, Any]]:
        """Tell whether a person asks for a page."""
        if scope["type"] != "http" or not _is_page(scope):
            return Match.NONE, {}
        match, changes = super().matches(scope)
        return match, dict(changes)


def _is_page(scope: MutableMapping[str, Any]) -> bool:
    # A slash at the end does not make a folder of a file: the router tries both.
    parts = scope["path"].rstrip("/").split("/")
    return (
        scope["method"] in ("GET", "HEAD")
        and OTHERS.isdisjoint(parts[1:2])
        and not _is_file(parts)
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


def _is_file(parts: list[str]) -> bool:
    # Deeper down, a dot is part of a name: of a plugin's version, or of a node in a subflow.
    is_deep = bool(parts[2:])
    return parts[1:2] == ["assets"] or (not is_deep and _FILE.search(parts[-1]) is not None)


def _open(page: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        nonce = new_nonce()
        return Response(
            page.replace(NONCE_PLACE, nonce),
            media_type="text/html",
            headers={"Content-Security-Policy": content_policy(nonce), "Cache-Control": "no-store"},
        )

    return answer


def _say_how_to_build() -> Callable[[Request], Awaitable[Response]]:
    body = files("flowyard_api").joinpath("documentation", "no_console.html").read_bytes()

    async def answer(_: Request) -> Response:
        return Response(body, status_code=HTTPStatus.OK, media_type="text/html")

    return answer


def _serve(path: str, file: BundledFile) -> Callable[[Request], Awaitable[Response]]:
    lasting = FOR_EVER if path.startswith(ASSETS) else "no-cache"

    async def answer(request: Request) -> Response:
        coding, body = file.best(request.headers.get("accept-encoding", ""))
        headers = {"Cache-Control": lasting, "Vary": "Accept-Encoding"}
        if coding is not None:
            headers["Content-Encoding"] = coding
        return Response(body, media_type=file.media_type, headers=headers)

    return answer
