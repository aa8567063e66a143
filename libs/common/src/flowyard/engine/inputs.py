"""What a template asks for at its start: typed inputs, and how a form asks for them."""

from dataclasses import dataclass
from enum import StrEnum

from flowyard.engine.work import JsonValue


class VariableType(StrEnum):
    """The types that an input may have."""

    STRING = "string"
    """One line of text."""
    TEXT = "text"
    """Several lines of text."""
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    SELECT = "select"
    """One of the options."""
    MULTI_SELECT = "multi_select"
    """A list of some of the options, each once."""
    DATE = "date"
    """Text such as ``2026-01-31``."""
    DATETIME = "datetime"
    """Text such as ``2026-01-31T08:00:00+01:00``, with its offset from UTC."""
    TIME = "time"
    """Text such as ``08:00`` or ``08:00:30``."""
    PASSWORD = "password"  # noqa: S105 - the name of a type
    """A reference to a stored secret, never the secret itself."""
    TABLE = "table"
    """A list of objects whose fields are the columns."""
    JSON = "json"
    """Any value."""
    LIST = "list"
    OBJECT = "object"
    HOST_LIST = "host_list"
    """A list of host names and IP addresses."""
    USER_LIST = "user_list"
    """A list of people's names."""


TEXT_TYPES = frozenset({VariableType.STRING, VariableType.TEXT})
"""Types whose length and pattern may be bounded."""

NUMBER_TYPES = frozenset({VariableType.INTEGER, VariableType.NUMBER})
"""Types whose size may be bounded."""

CHOICE_TYPES = frozenset({VariableType.SELECT, VariableType.MULTI_SELECT})
"""Types that need options."""

LIST_TYPES = frozenset(
    {
        *(VariableType.LIST, VariableType.MULTI_SELECT, VariableType.TABLE),
        *(VariableType.HOST_LIST, VariableType.USER_LIST),
    }
)
"""Types whose number of items may be bounded."""

COLUMN_TYPES = frozenset(
    {
        *(*TEXT_TYPES, *NUMBER_TYPES, VariableType.BOOLEAN, VariableType.SELECT),
        *(VariableType.DATE, VariableType.DATETIME, VariableType.TIME),
    }
)
"""Types that a column of a table may have: those that fit into one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value that a select offers."""

    value: JsonValue
    """A text, a number or a boolean."""
    label: str = ""
    """What people read; empty shows the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One typed input of a template, or one column of an input that is a table."""

    name: str
    type: VariableType = VariableType.STRING
    is_required: bool = True
    """Must be given at the start; False when there is a default."""
    default: JsonValue = None
    description: str = ""
    """Help for who fills it in."""
    label: str = ""
    """What people read above the field; empty shows the name."""
    placeholder: str = ""
    """What an empty field shows."""
    group: str = ""
    """Inputs of one group stand together in a form."""
    choices: tuple[JsonValue, ...] = ()
    """Allowed values; empty allows all."""
    options: tuple[Option, ...] = ()
    """What a select offers; set exactly for selects."""
    columns: tuple["InputSpec", ...] = ()
    """Fields of each row; set exactly for tables."""
    pattern: str | None = None
    """Regular expression that a text must match as a whole."""
    pattern_message: str = ""
    """What is said instead of the pattern where a text does not match."""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    is_shown: bool = True
    """False for what nobody is asked for: it always has its default."""
    visible_when: str | None = None
    """Expression over other inputs, without ``${}``; where it is false, the default is taken."""
