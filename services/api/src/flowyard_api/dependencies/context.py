"""The parts of the process, and who asks."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from flowyard_api.actors import Actor, UnauthenticatedError
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.sessions import SESSION_COOKIE, check_origin
from flowyard_api.errors import NotStartedError

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="Token",
    description="A token from `flowyard token create --actor NAME`.",
)
_COOKIE = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    scheme_name="Session",
    description="For browsers: the same token, as `POST /api/v1/session` has set it. Whatever"
    " writes with it needs the header `X-Flowyard-Console: 1`, too.",
)


async def _context(request: Request) -> ApiContext:
    context: ApiContext = request.app.state.context
    if not context.is_started:
        raise NotStartedError("Expected a started service, but it waits for what it needs")
    return context


Context = Annotated[ApiContext, Depends(_context)]
"""The long-lived parts of the process."""


async def _actor(
    context: Context,
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    session: Annotated[str | None, Depends(_COOKIE)],
) -> Actor:
    if credentials is not None:
        return await context.actors.find(credentials.credentials)
    if not session:
        raise UnauthenticatedError("Expected a bearer token, but there is none")
    check_origin(request)
    return await context.actors.find(session)


CurrentActor = Annotated[Actor, Depends(_actor)]
"""Who the request acts as."""

authenticate = Depends(_actor)
"""For routers whose routes all need a token."""
