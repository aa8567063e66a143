"""What a template asks for, as a form draws it."""

from pydantic import Field, JsonValue

from flowyard.engine.graph import VariableType
from flowyard_api.models.shapes import View


class FormOptionView(View):
    """One value to choose."""

    value: JsonValue = Field(examples=["eu"])
    label: str = Field(examples=["Europe"])


class FormValidationView(View):
    """What a value has to meet; null where nothing is asked."""

    pattern: str | None = Field(
        description="Matches the whole text; in Python's syntax.", examples=[r"\d+\.\d+\.\d+"]
    )
    pattern_message: str = Field(
        description="What the text has to be, as the end of a sentence.",
        examples=["three numbers with dots"],
    )
    minimum: float | None
    maximum: float | None
    min_length: int | None
    max_length: int | None
    min_items: int | None
    max_items: int | None


class FormFieldView(View):
    """One field of a form, or one column of a table in it."""

    name: str = Field(examples=["region"])
    type: VariableType
    widget: str = Field(
        description="How it is drawn: `text`, `textarea`, `number`, `switch`, `select`,"
        " `multi_select`, `date`, `datetime`, `time`, `secret` (choose a stored secret), `table`,"
        " `json`, `hosts` or `users`.",
        examples=["select"],
    )
    order: int = Field(description="Place in the form, from 0.")
    label: str = Field(examples=["Region"])
    help: str = Field(examples=["Where the service runs"])
    placeholder: str
    group: str = Field(description="Fields of one group stand together; empty for none.")
    required: bool
    default: JsonValue
    options: list[FormOptionView] = Field(description="Empty where nothing is to be chosen from.")
    columns: list["FormFieldView"] = Field(description="Of a table.")
    validation: FormValidationView
    show: bool = Field(description="False for what is not asked for: it always has its default.")
    visible_when: str | None = Field(
        description="Expression over other inputs; where it is false, the field is not asked for"
        " and has its default.",
        examples=["mode == 'expert'"],
    )
    depends_on: list[str] = Field(description="The inputs that `visible_when` reads.")
