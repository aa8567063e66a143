"""What the handlers' routes have in common.

A route gets all of it where it is declared, and apps take the routes as they are. Included
routers would instead be searched once per level with every request, and their routes made
anew for each app: that was a fifth of what a start cost.
"""

from fastapi import APIRouter
from fastapi.params import Depends
from fastapi.routing import APIRoute

from flowyard_api.dependencies.context import authenticate
from flowyard_api.middleware import PREFIX
from flowyard_api.problems import problem_responses


def private_router(*tags: str) -> APIRouter:
    """Return a router under ``/api/v1`` whose routes need a token or a session."""
    return APIRouter(
        prefix=PREFIX,
        tags=[*tags],
        dependencies=[authenticate],
        responses=problem_responses("database_unavailable", "starting", "unauthenticated"),
        generate_unique_id_function=_operation_id,
    )


def public_router(*tags: str, dependencies: tuple[Depends, ...] = ()) -> APIRouter:
    """Return a router under ``/api/v1`` whose routes need no token."""
    return APIRouter(
        prefix=PREFIX,
        tags=[*tags],
        dependencies=[*dependencies],
        generate_unique_id_function=_operation_id,
    )


def _operation_id(route: APIRoute) -> str:
    return route.name
