"""What names and references in a document look like."""

import re

NODE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
"""What a node may be called."""

VARIABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
"""What a variable may be called: a name in expressions."""

TEMPLATE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""What a template may be called."""

QUEUE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
"""What a queue may be called: part of a topic's name."""

PLUGIN_REFERENCE = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9_.-]{0,99})@([A-Za-z0-9][A-Za-z0-9_.+-]{0,49})"
)
"""A plugin at an exact version."""

PROJECT_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
"""What a project may be called."""

LATEST = "latest"
"""Stands for the version that is the latest when a subflow starts."""

SUBFLOW_REFERENCE = re.compile(
    rf"((?:{PROJECT_NAME.pattern}/)?{TEMPLATE_KEY.pattern})(?:@([1-9][0-9]{{0,8}}|{LATEST}))?"
)
"""A template, with its project if that is another one, perhaps at an exact version."""

SCHEME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""What an execution scheme may be called."""

FAILURE_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,99}")
"""What the code of a failure may be."""
