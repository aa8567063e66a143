"""Whether activities name plugins that exist and give them inputs that they take."""

from collections.abc import Iterator
from dataclasses import replace

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from flowyard.document.model import Document, DocumentNode
from flowyard.document.part import Report, suggest
from flowyard.document.problems import Path
from flowyard.document.verbatim import Plugins, verbatim_inputs, with_verbatim
from flowyard.engine.expressions import has_expressions
from flowyard.engine.graph import Activity

MAX_REASON_CHARS = 200
"""How much of a schema's complaint is shown: it repeats the value."""


def check_plugins(document: Document, plugins: Plugins, report: Report) -> None:
    """Report unknown plugins and versions, and inputs that can never be right.

    Only what is written out is checked; what an expression yields is not known yet.
    """
    validators: dict[tuple[str, str], Draft202012Validator] = {}
    for index, node in enumerate(document.nodes):
        for role, below, activity in _activities(node):
            if not activity.plugin:
                continue
            place = _Place(("nodes", index, *below), node.node_id, report)
            key = (activity.plugin, activity.version)
            if key not in plugins:
                _report_unknown(activity, plugins, place)
                continue
            if key not in validators:
                validators[key] = Draft202012Validator(plugins[key].inputs_schema)
            render = node.render.get(role, frozenset())
            _check_render(activity, render, plugins, place)
            taken = replace(activity, verbatim=with_verbatim(activity, plugins, render))
            _check_inputs(taken, validators[key], place)


def _activities(node: DocumentNode) -> Iterator[tuple[str, Path, Activity]]:
    """Yield what runs plugins for a node: its role, where it stands in the node, and itself."""
    if node.activity is not None:
        yield "plugin", (), node.activity
    deadline, undo = node.options.deadline, node.options.compensation
    if deadline is not None and deadline.notice is not None:
        yield "notify", ("deadline", "notify"), deadline.notice
    if undo is not None and undo.activity is not None:
        yield "rollback", ("rollback",), undo.activity


class _Place:
    """A node, and how to report about it."""

    def __init__(self, path: Path, node_id: str, report: Report) -> None:
        self._path = path
        self._node_id = node_id
        self._report = report

    @property
    def told(self) -> int:
        """How many problems were reported before."""
        return len(self._report.problems)

    def wrong(self, code: str, message: str, *below: str | int, is_key: bool = False) -> None:
        path = (*self._path, *below)
        place = self._report.places.of(path, is_key=is_key)
        self._report.add(code, message, path, node_id=self._node_id, place=place)


def _report_unknown(activity: Activity, plugins: Plugins, place: _Place) -> None:
    versions = [version for name, version in plugins if name == activity.plugin]
    if versions:
        message = (
            f"Expected a version of {activity.plugin}, but there is no {activity.version}"
            f"{suggest(activity.version, versions, told=place.told)}"
        )
        place.wrong("unknown_plugin_version", message, "plugin")
    else:
        known = suggest(activity.plugin, {name for name, _ in plugins}, told=place.told)
        message = f"Expected a known plugin, but there is no {activity.plugin}{known}"
        place.wrong("unknown_plugin", message, "plugin")


def _check_render(
    activity: Activity, render: frozenset[str], plugins: Plugins, place: _Place
) -> None:
    verbatim = verbatim_inputs(plugins, activity.plugin, activity.version)
    for name in sorted(render - verbatim):
        place.wrong(
            "conflicting_options",
            f"Expected render to name verbatim inputs, but {name} is rendered anyway",
            "render",
        )


def _check_inputs(activity: Activity, validator: Draft202012Validator, place: _Place) -> None:
    schema, inputs = validator.schema, dict(activity.inputs)
    known = schema.get("properties", {}) if isinstance(schema, dict) else {}
    required = schema.get("required", ()) if isinstance(schema, dict) else ()
    for name in required:
        if name not in inputs:
            place.wrong(
                "missing_input", f"Expected input {name} of {activity.plugin}, but it is missing"
            )
    for error in validator.iter_errors(inputs):
        path = tuple(error.absolute_path)
        if path:
            if path[0] in activity.verbatim or not has_expressions(error.instance):
                message = f"Expected another value for input {path[0]}, but {_reason(error)}"
                place.wrong("invalid_input", message, "inputs", *path)
        elif error.validator == "additionalProperties":
            for name in sorted(inputs.keys() - known.keys()):
                message = f"Expected an input of {activity.plugin}, but {name} is none"
                message += suggest(name, known, told=place.told)
                place.wrong("unknown_input", message, "inputs", name, is_key=True)
        elif error.validator != "required" and not has_expressions(inputs):
            message = f"Expected inputs that fit together, but {_reason(error)}"
            place.wrong("invalid_input", message, "inputs")


def _reason(error: ValidationError) -> str:
    message = error.message
    return message if len(message) <= MAX_REASON_CHARS else f"{message[:MAX_REASON_CHARS]}..."
