"""Every operation of the API, in groups.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.aio.connection import AsyncConnection
from flowyard.client.aio.operations.attempts import Attempts
from flowyard.client.aio.operations.callbacks import Callbacks
from flowyard.client.aio.operations.commands import Commands
from flowyard.client.aio.operations.deliveries import Deliveries
from flowyard.client.aio.operations.draft_revisions import DraftRevisions
from flowyard.client.aio.operations.drafts import Drafts
from flowyard.client.aio.operations.filters import Filters
from flowyard.client.aio.operations.imports import Imports
from flowyard.client.aio.operations.instances import Instances
from flowyard.client.aio.operations.me import Me
from flowyard.client.aio.operations.nodes import Nodes
from flowyard.client.aio.operations.plugin_gateways import PluginGateways
from flowyard.client.aio.operations.plugins import Plugins
from flowyard.client.aio.operations.presets import Presets
from flowyard.client.aio.operations.projects import Projects
from flowyard.client.aio.operations.queues import Queues
from flowyard.client.aio.operations.templates import Templates
from flowyard.client.aio.operations.variables import Variables
from flowyard.client.aio.operations.versions import Versions
from flowyard.client.aio.operations.webhooks import Webhooks


class Operations:
    """Every operation of the API, in groups."""

    attempts: Attempts
    """``get_logs``, ``stream_logs``"""
    callbacks: Callbacks
    """``post``"""
    commands: Commands
    """``get``, ``list``"""
    deliveries: Deliveries
    """``get``, ``list``, ``redeliver``"""
    draft_revisions: DraftRevisions
    """``get``, ``list``"""
    drafts: Drafts
    """``delete_mine``, ``get``, ``get_mine``, ``list``, ``put_mine``, ``put_mine_presence``"""
    filters: Filters
    """``delete``, ``get``, ``list``, ``put``"""
    imports: Imports
    """``create``"""
    instances: Instances
    """``bulk_create``, ``cancel``, ``cancel_many``, ``clone``, ``create``, ``delete_hold``.

    ``get``, ``get_definition``, ``get_hold``, ``list``, ``pause``, ``pause_many``, ``put_hold``,
    ``rerun``, ``resume``, ``resume_many``, ``set_priority``, ``set_priority_many``,
    ``set_variables``, ``start``, ``start_many``, ``stream_events``
    """
    me: Me
    """``get``"""
    nodes: Nodes
    """``approve``, ``approve_many``, ``choose``, ``force_fail``, ``force_fail_many``.

    ``force_succeed``, ``get``, ``get_preview``, ``list_items``, ``pause``, ``pause_many``,
    ``reject``, ``reject_many``, ``reset_timer``, ``restart``, ``restart_many``, ``resume``,
    ``resume_many``, ``retry``, ``retry_many``, ``skip``, ``skip_many``
    """
    plugin_gateways: PluginGateways
    """``list``"""
    plugins: Plugins
    """``get``, ``list``, ``list_uses``, ``stop_uses``, ``update_uses``"""
    presets: Presets
    """``delete``, ``get``, ``list``, ``put``"""
    projects: Projects
    """``create``, ``delete_retention``, ``get``, ``get_categories``, ``get_component_table``.

    ``get_last_runs``, ``get_retention``, ``get_waiting_count``, ``list``,
    ``list_archived_instances``, ``list_archives``, ``list_secrets``, ``list_waiting``,
    ``list_webhook_changes``, ``put_categories``, ``put_component_table``, ``put_retention``,
    ``stream_events``
    """
    queues: Queues
    """``get``, ``list``"""
    templates: Templates
    """``apply``, ``create``, ``delete``, ``delete_favourite``, ``get``, ``get_draft``.

    ``get_outdated``, ``get_visibility``, ``list``, ``list_changes``, ``list_uses``, ``mock_run``,
    ``preview_inputs``, ``publish``, ``put_draft``, ``put_favourite``, ``put_visibility``,
    ``restore``, ``rollback``, ``stop_uses``, ``test_node``, ``update``, ``update_subflows``,
    ``update_uses``, ``validate``
    """
    variables: Variables
    """``delete``, ``list``, ``put``"""
    versions: Versions
    """``check_inputs``, ``get``, ``get_diff``, ``get_export``, ``list``, ``preview``"""
    webhooks: Webhooks
    """``create``, ``delete``, ``get``, ``list``, ``ping``, ``redeliver``, ``rotate_secret``.

    ``update``
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.attempts = Attempts(connection)
        self.callbacks = Callbacks(connection)
        self.commands = Commands(connection)
        self.deliveries = Deliveries(connection)
        self.draft_revisions = DraftRevisions(connection)
        self.drafts = Drafts(connection)
        self.filters = Filters(connection)
        self.imports = Imports(connection)
        self.instances = Instances(connection)
        self.me = Me(connection)
        self.nodes = Nodes(connection)
        self.plugin_gateways = PluginGateways(connection)
        self.plugins = Plugins(connection)
        self.presets = Presets(connection)
        self.projects = Projects(connection)
        self.queues = Queues(connection)
        self.templates = Templates(connection)
        self.variables = Variables(connection)
        self.versions = Versions(connection)
        self.webhooks = Webhooks(connection)
