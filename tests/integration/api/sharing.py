"""What the tests of sharing have in common: documents, projects, and other people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from flowyard.storage.plugins import publish_catalog
from flowyard.storage.tokens import create_token
from tests.support.api import PLUGIN, Api

NEWER = replace(
    PLUGIN,
    version="1.1",
    inputs_schema={"type": "object", "properties": {}, "additionalProperties": False},
)
"""A later version of the plugin, which takes no inputs any more."""


def document(key: str, *nodes: str, inputs: str = "{}") -> str:
    """Return a document whose nodes are ``id: what it runs``."""
    lines = [
        f"  - {{id: {name}, {'subflow' if kind == 'subflow' else 'plugin'}: {target}}}"
        for name, kind, target in (node.split(" ") for node in nodes)
    ]
    head = f"flowyard: 1\nkey: {key}\ntitle: {key.title()}\ninputs: {inputs}\nnodes:\n"
    return head + "\n".join(lines) + "\n"


def template_path(project: str, key: str = "", *more: str) -> str:
    return "/".join(["/api/v1/projects", project, "templates", *filter(None, [key, *more])])


async def keys(client: httpx.AsyncClient, project: str, **params: Any) -> list[str]:
    """Return the keys of the templates that a list holds."""
    answer = await client.get(template_path(project), params=params)
    assert answer.status_code == 200, answer.text
    return [one["key"] for one in answer.json()["items"]]


async def show(api: Api, project: str, key: str, **visibility: Any) -> None:
    """Choose who sees a template."""
    answer = await api.client.put(template_path(project, key, "visibility"), json=visibility)
    assert answer.status_code == 200, answer.text


async def host(api: Api, *plugins: Any) -> None:
    """Have a plugin gateway host plugins; before the first document is read."""
    async with api.database.transaction() as connection:
        await publish_catalog(connection, list(plugins))


@asynccontextmanager
async def somebody(api: Api, actor: str) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client that acts as another person."""
    async with api.database.transaction() as connection:
        token = (await create_token(connection, actor=actor)).text
    async with httpx.AsyncClient(
        base_url=api.service.url, headers={"Authorization": f"Bearer {token}"}
    ) as client:
        yield client
