"""The FastAPI app: routes, errors, documentation."""

from importlib.metadata import version

from fastapi import FastAPI

from flowyard.telemetry.health import Readiness, health_routes
from flowyard_api.console.files import read_bundle
from flowyard_api.console.routes import console_routes
from flowyard_api.context import ApiContext
from flowyard_api.handlers import (
    bulk_commands,
    callbacks,
    commands,
    copies,
    drafts,
    events,
    filters,
    imports,
    instances,
    logs,
    node_commands,
    plugins,
    presets,
    previews,
    projects,
    queues,
    retention,
    runs,
    sessions,
    sharing,
    templates,
    trying,
    use_actions,
    uses,
    variables,
    versions,
    waiting,
    webhook_deliveries,
    webhooks,
)
from flowyard_api.handlers.documentation import documentation_routes
from flowyard_api.middleware import PREFIX, RequestMiddleware
from flowyard_api.openapi import DocumentedApp
from flowyard_api.problems import add_problem_handlers

_TAGS = [
    {"name": "projects", "description": "What templates, instances and secrets belong to."},
    {"name": "templates", "description": "Drafts, and the immutable versions published of them."},
    {"name": "sharing", "description": "Who sees templates; labels, categories, presets, filters."},
    {"name": "uses", "description": "What runs a plugin or template, and changes to all of it."},
    {"name": "imports", "description": "Flows of bk-sops and bamboo, taken over and given back."},
    {"name": "instances", "description": "Runs of template versions, and live views of them."},
    {"name": "commands", "description": "Operations by people, and what became of them."},
    {"name": "retention", "description": "What becomes of instances once they have ended."},
    {"name": "plugins", "description": "What activities can run."},
    {"name": "queues", "description": "How much waits, and for how long."},
    {"name": "session", "description": "Signing in with a browser."},
    {"name": "webhooks", "description": "Who outside is told what happens, and how that went."},
    {"name": "callbacks", "description": "Where outside systems report."},
]


_PARTS = (
    *(projects, variables, templates, drafts, versions, instances, events, logs),
    # Behind their neighbours whose paths name what stands for a parameter in theirs.
    *(plugins, waiting, runs, copies, commands, node_commands, bulk_commands, trying, sharing),
    *(presets, previews, filters, uses, use_actions, imports, retention, queues, callbacks),
    *(sessions, webhooks, webhook_deliveries),
)


OPTIONAL = frozenset({"broker", "live_views"})
"""Checks without which it works on: what people and callbacks bring is stored, and done once Kafka
is back. Nobody must be turned away for it."""


def create_app(context: ApiContext, readiness: Readiness) -> FastAPI:
    """Return the app that serves the API.

    Parameters
    ----------
    context
        What requests use; until it is started, they are refused with 503.
    readiness
        What ``/readyz`` asks.
    """
    app = DocumentedApp(
        title="Flowyard",
        version=version("flowyard"),
        summary="Operations as flows: drawn or written, run durably across many machines.",
        description=_description(context.settings.public_url),
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
    )
    app.state.context = context
    app.add_middleware(
        RequestMiddleware,
        tracing=context.tracing,
        metrics=context.metrics,
        clock=context.clock,
    )
    add_problem_handlers(app)
    for part in _PARTS:
        app.router.routes.extend(part.router.routes)
    app.router.routes.extend(health_routes(context.metrics, readiness, optional=OPTIONAL))
    app.router.routes.extend(documentation_routes())
    # Last of all: it answers what nobody else does.
    app.router.routes.extend(console_routes(read_bundle()))
    return app


def _description(url: str) -> str:
    return f"""\
Every request needs a bearer token (`flowyard token create --actor NAME`): press **Authorize**, or

    curl -H "Authorization: Bearer $TOKEN" {url}{PREFIX}/me

- **Errors** are problem documents (RFC 9457) with a stable `code`; `errors` names the place in the
  request, and for documents the node, line and column.
- **Lists** come in pages: pass `next_cursor` of one page as `cursor` for the next.
- **Writes** take an `Idempotency-Key`: repeated within 24 h, the first answer is given again.
- **Operations** on instances are commands. They are answered with 202 before they are carried out;
  `?wait=5` waits for the outcome.
"""
