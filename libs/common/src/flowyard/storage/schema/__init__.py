"""The tables, one per module, and the metadata that holds them all."""

from flowyard.storage.schema.attempt import attempt
from flowyard.storage.schema.command import command
from flowyard.storage.schema.idempotency import idempotency
from flowyard.storage.schema.instance import instance
from flowyard.storage.schema.metadata import METADATA
from flowyard.storage.schema.node import node
from flowyard.storage.schema.partition import partition_broker
from flowyard.storage.schema.plugin import plugin
from flowyard.storage.schema.project import project
from flowyard.storage.schema.runner import runner
from flowyard.storage.schema.secret import secret
from flowyard.storage.schema.template import template, template_version
from flowyard.storage.schema.token import token

__all__ = [
    "METADATA",
    "attempt",
    "command",
    "idempotency",
    "instance",
    "node",
    "partition_broker",
    "plugin",
    "project",
    "runner",
    "secret",
    "template",
    "template_version",
    "token",
]
