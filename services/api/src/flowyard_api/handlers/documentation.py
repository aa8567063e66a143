"""Swagger UI, served from here: it works offline and under a strict content policy."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self';"
    # Swagger UI writes style attributes, and its icons are part of its style sheet.
    " style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: its own scripts and styles, and answers of this API."""

_VENDORED = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}


def _vendored_folder() -> Path:
    # Found, not imported: only its files are needed.
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("Expected package fastapi-offline, but it is not installed")
    return Path(spec.origin).parent / "static"


def documentation_routes() -> list[Route]:
    """Return the page ``/docs`` and the files that it loads, each by its own route."""
    own = files("flowyard_api").joinpath("documentation")
    return [
        Route("/docs", _serve(own.joinpath("index.html").read_bytes(), "text/html")),
        Route("/docs/init.js", _serve(own.joinpath("init.js").read_bytes(), "text/javascript")),
        *(
            Route(f"/docs/{name}", _serve((_vendored_folder() / name).read_bytes(), kind))
            for name, kind in _VENDORED.items()
        ),
    ]


def _serve(body: bytes, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return Response(body, media_type=media_type, headers={"Cache-Control": "no-cache"})

    return answer
