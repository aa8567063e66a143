"""Plugins and their schemas, and the processes that run them."""

from dataclasses import asdict

from flowyard.contracts.plugin_api import PluginInfo
from flowyard.storage.plugins import find_plugin
from flowyard.storage.runners import list_alive_runners
from flowyard_api.catalog import plugin_info
from flowyard_api.dependencies.context import Context
from flowyard_api.models.plugins import PluginGatewayView, PluginView
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router

router = private_router("plugins")
"""Routes under ``/api/v1``."""


def _view(plugin: PluginInfo) -> PluginView:
    return PluginView.model_validate(plugin.model_dump())


@router.get(
    "/plugins",
    summary="List plugins",
    description="Returns every version of every plugin that a plugin gateway hosts, with the JSON"
    " Schemas of inputs and outputs, all on one page.",
)
async def get_plugins(context: Context) -> Page[PluginView]:
    async with context.database.transaction() as connection:
        plugins = await context.plugins.read(connection)
    return Page[PluginView](items=[_view(one) for one in plugins.values()], next_cursor=None)


@router.get(
    "/plugins/{name}/{version}",
    summary="Show a plugin",
    description="Returns one version of a plugin, with the JSON Schemas of inputs and outputs.",
    responses=problem_responses("not_found"),
)
async def get_plugin(name: str, version: str, context: Context) -> PluginView:
    async with context.database.transaction() as connection:
        return _view(plugin_info(await find_plugin(connection, name, version)))


@router.get(
    "/plugin-gateways",
    summary="List plugin gateways",
    description="Returns the plugin gateway processes that are alive, all on one page. While there"
    " is none, no node of any instance can run.",
)
async def get_plugin_gateways(context: Context) -> Page[PluginGatewayView]:
    async with context.database.transaction() as connection:
        found = await list_alive_runners(connection)
    views = [PluginGatewayView.model_validate(asdict(one)) for one in found]
    return Page[PluginGatewayView](items=views, next_cursor=None)
