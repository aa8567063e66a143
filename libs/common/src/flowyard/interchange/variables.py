"""Global variables as the editor's and the engine's trees declare them."""

from collections.abc import Collection, Iterator

from flowyard.interchange.flow import FlowVariable
from flowyard.interchange.part import Part, variable_name


def read_variables(part: Part) -> dict[str, FlowVariable]:
    """Return the variables of an editor's tree by name, in the order that people gave them."""
    found = [
        FlowVariable(
            name=variable_name(key),
            path=item.findings.path,
            title=item.get("name").text(),
            value=item.get("value").value,
            description=item.get("desc", "description").text(),
            source_type=item.get("source_type").text("custom"),
            custom_type=item.get("custom_type").text(),
            source_tag=item.get("source_tag").text(),
            is_shown=item.get("show_type").text("show") == "show",
            validation=item.get("validation").text(),
            is_meta=item.get("is_meta").flag(default=False),
            version=item.get("version").text("legacy"),
            index=item.get("index").number(),
            sources=tuple(_sources(item.get("source_info"))),
            meta=item.get("meta").value,
            is_rendered=item.get("need_render").flag(default=True),
            is_early=item.get("pre_render_mako").flag(default=False),
        )
        for key, item in part.entries()
    ]
    for _, item in part.entries():
        if item.get("hide_condition").value or item.get("is_condition_hide").value is True:
            item.get("hide_condition").findings.warning(
                "visibility_lost",
                "Lost: that the variable is asked for only under a condition",
                "Say it with visible_when.",
            )
    return {variable.name: variable for variable in sorted(found, key=lambda one: one.index)}


def _sources(part: Part) -> Iterator[tuple[str, str]]:
    for node_id, fields in part.entries():
        for name in fields.texts():
            yield node_id, variable_name(name)


def read_engine_variables(part: Part, early: Collection[str]) -> dict[str, FlowVariable]:
    """Return the variables of an engine's tree by name.

    Parameters
    ----------
    early
        Names of those that are rendered once, at the start.
    """
    found: dict[str, FlowVariable] = {}
    for key, item in part.entries():
        name = variable_name(key)
        sources = tuple(_engine_sources(item))
        found[name] = FlowVariable(
            name=name,
            path=item.findings.path,
            value=item.get("value").value,
            source_type="component_outputs" if sources else "custom",
            custom_type=item.get("custom_type").text(),
            source_tag=item.get("source_tag").text(),
            is_shown=item.get("is_param").flag(default=False),
            sources=sources,
            is_rendered=item.get("type").value != "plain"
            and item.get("need_render").flag(default=True),
            is_early=name in early,
            is_loosely_typed=True,
        )
        if item.get("type").value == "lazy":
            item.findings.error(
                "dynamic_variable",
                f"Expected a variable with a fixed value, but {name} is computed by bk-sops",
                "Compute it in a node and export its output.",
            )
    return found


def _engine_sources(part: Part) -> Iterator[tuple[str, str]]:
    source = part.get("source_act")
    if isinstance(source.value, str):
        yield source.value, variable_name(part.get("source_key").text())
        return
    for item in source.items():
        yield item.get("source_act").text(), variable_name(item.get("source_key").text())
