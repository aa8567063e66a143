"""How a template's inputs look as a form."""

from collections.abc import Iterable, Mapping

import orjson

from flowyard.engine.expressions import names_in
from flowyard.engine.graph import InputSpec, JsonValue, VariableType
from flowyard_api.models.forms import FormFieldView, FormOptionView, FormValidationView

_WIDGETS: Mapping[VariableType, str] = {
    VariableType.STRING: "text",
    VariableType.TEXT: "textarea",
    VariableType.INTEGER: "number",
    VariableType.NUMBER: "number",
    VariableType.BOOLEAN: "switch",
    VariableType.SELECT: "select",
    VariableType.MULTI_SELECT: "multi_select",
    VariableType.DATE: "date",
    VariableType.DATETIME: "datetime",
    VariableType.TIME: "time",
    VariableType.PASSWORD: "secret",
    VariableType.TABLE: "table",
    VariableType.JSON: "json",
    VariableType.LIST: "json",
    VariableType.OBJECT: "json",
    VariableType.HOST_LIST: "hosts",
    VariableType.USER_LIST: "users",
}


def form_view(specs: Iterable[InputSpec]) -> list[FormFieldView]:
    """Return the fields of a form, in the order of the definition."""
    return [_field(order, spec) for order, spec in enumerate(specs)]


def _field(order: int, spec: InputSpec) -> FormFieldView:
    reads = frozenset[str]() if spec.visible_when is None else names_in(f"${{{spec.visible_when}}}")
    return FormFieldView(
        name=spec.name,
        type=spec.type,
        widget="select" if spec.choices else _WIDGETS[spec.type],
        order=order,
        label=spec.label or spec.name,
        help=spec.description,
        placeholder=spec.placeholder,
        group=spec.group,
        required=spec.is_required,
        default=spec.default,
        options=_options(spec),
        columns=form_view(spec.columns),
        validation=FormValidationView(
            pattern=spec.pattern,
            pattern_message=spec.pattern_message,
            minimum=spec.minimum,
            maximum=spec.maximum,
            min_length=spec.min_length,
            max_length=spec.max_length,
            min_items=spec.min_items,
            max_items=spec.max_items,
        ),
        show=spec.is_shown,
        visible_when=spec.visible_when,
        depends_on=sorted(reads),
    )


def _options(spec: InputSpec) -> list[FormOptionView]:
    offered = [(option.value, option.label) for option in spec.options]
    offered += [(choice, "") for choice in spec.choices]
    return [FormOptionView(value=value, label=label or _shown(value)) for value, label in offered]


def _shown(value: JsonValue) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
