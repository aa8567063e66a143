"""The tables, one per module, and the metadata that holds them all."""

from flowyard.storage.schema.archive import archive, archived_instance
from flowyard.storage.schema.attempt import attempt
from flowyard.storage.schema.command import command
from flowyard.storage.schema.component_table import component_table
from flowyard.storage.schema.concurrency_slot import concurrency_slot
from flowyard.storage.schema.draft_revision import draft_revision
from flowyard.storage.schema.idempotency import idempotency
from flowyard.storage.schema.instance import instance
from flowyard.storage.schema.instance_hold import instance_hold
from flowyard.storage.schema.log_line import log_line
from flowyard.storage.schema.metadata import METADATA
from flowyard.storage.schema.node import node
from flowyard.storage.schema.partition import partition_broker
from flowyard.storage.schema.personal_draft import personal_draft
from flowyard.storage.schema.plugin import plugin
from flowyard.storage.schema.project import project
from flowyard.storage.schema.project_variable import project_variable
from flowyard.storage.schema.release_level import release_level
from flowyard.storage.schema.retention import retention
from flowyard.storage.schema.runner import runner
from flowyard.storage.schema.saved_filter import saved_filter
from flowyard.storage.schema.scheduler_load import scheduler_load
from flowyard.storage.schema.sealing_key import sealing_key
from flowyard.storage.schema.secret import secret
from flowyard.storage.schema.template import template, template_version
from flowyard.storage.schema.template_category import template_category
from flowyard.storage.schema.template_change import template_change
from flowyard.storage.schema.template_favourite import template_favourite
from flowyard.storage.schema.template_preset import template_preset
from flowyard.storage.schema.template_use import template_use
from flowyard.storage.schema.template_visibility import template_visibility
from flowyard.storage.schema.token import token
from flowyard.storage.schema.webhook import webhook, webhook_level
from flowyard.storage.schema.webhook_change import webhook_change
from flowyard.storage.schema.webhook_delivery import webhook_attempt, webhook_delivery

__all__ = [
    "METADATA",
    "archive",
    "archived_instance",
    "attempt",
    "command",
    "component_table",
    "concurrency_slot",
    "draft_revision",
    "idempotency",
    "instance",
    "instance_hold",
    "log_line",
    "node",
    "partition_broker",
    "personal_draft",
    "plugin",
    "project",
    "project_variable",
    "release_level",
    "retention",
    "runner",
    "saved_filter",
    "scheduler_load",
    "sealing_key",
    "secret",
    "template",
    "template_category",
    "template_change",
    "template_favourite",
    "template_preset",
    "template_use",
    "template_version",
    "template_visibility",
    "token",
    "webhook",
    "webhook_attempt",
    "webhook_change",
    "webhook_delivery",
    "webhook_level",
]
