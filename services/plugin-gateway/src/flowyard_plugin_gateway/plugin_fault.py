"""What is said when a plugin's own code raises: to operators all but secrets, to users the kind."""

import logging
import traceback

from flowyard_plugin_gateway.held_step import HeldStep

logger = logging.getLogger("flowyard.plugin_gateway")

PLUGIN_ERROR = "plugin_error"
"""Failure code of a step whose plugin raised."""


def report_fault(held: HeldStep, error: BaseException) -> str:
    """Log what a plugin raised, with its traceback, and return the message for users.

    The traceback is text by hand, as a driver's message may carry the secrets that
    the step was given.
    """
    text = held.disclosed.mask("".join(traceback.format_exception(error)))
    logger.error("A plugin raised", extra={**held.log_facts, "traceback": text})
    return f"The plugin raised {type(error).__name__}."
