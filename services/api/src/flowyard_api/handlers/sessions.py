"""Signing in with a browser: the token in a cookie that no script can read."""

from fastapi import Request, Response

from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.sessions import SESSION_COOKIE, from_the_console
from flowyard_api.models.projects import MeView, SignIn
from flowyard_api.problems import problem_responses
from flowyard_api.routers import public_router

LASTING_SECONDS = 30 * 24 * 3600
"""How long a browser keeps the cookie: a month, so that who is woken at night is signed in.

A token that is revoked ends it within seconds, whatever the browser keeps.
"""

COOKIE_PATH = "/api"
"""The cookie goes to the API only, never to the console's files."""

router = public_router("session", dependencies=(from_the_console,))
"""Routes under ``/api/v1`` that need no token: one brings it, the other takes it away."""


@router.post(
    "/session",
    summary="Sign in",
    description="Checks a token and sets it as a cookie that scripts cannot read and that only"
    " pages of this server send. It does for browsers what the header `Authorization` does for"
    " programs; whatever writes with it also needs the header `X-Flowyard-Console: 1`.",
    responses=problem_responses(
        "body_too_large",
        "database_unavailable",
        "forbidden_origin",
        "invalid_request",
        "malformed_body",
        "starting",
        "unauthenticated",
    ),
)
async def post_session(
    body: SignIn, context: Context, request: Request, response: Response
) -> MeView:
    actor = await context.actors.find(body.token.get_secret_value())
    response.set_cookie(
        SESSION_COOKIE,
        body.token.get_secret_value(),
        max_age=LASTING_SECONDS,
        path=COOKIE_PATH,
        secure=_came_by_https(request),
        httponly=True,
        samesite="strict",
    )
    return MeView(actor=actor.name, token_id=actor.token_id)


@router.delete(
    "/session",
    summary="Sign out",
    description="Takes the cookie away. The token itself stays valid: `flowyard token revoke` ends"
    " it everywhere.",
    status_code=204,
    response_class=Response,
    responses=problem_responses("forbidden_origin", "invalid_request"),
)
async def delete_session(request: Request, response: Response) -> None:
    response.delete_cookie(
        SESSION_COOKIE,
        path=COOKIE_PATH,
        secure=_came_by_https(request),
        httponly=True,
        samesite="strict",
    )


def _came_by_https(request: Request) -> bool:
    # Behind a proxy only the browser knows; it says so with every write.
    origin = request.headers.get("origin", "")
    return request.url.scheme == "https" or origin.startswith("https://")
