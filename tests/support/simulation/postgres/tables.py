"""Rows, transactions and locks of the Postgres in memory.

Rules. A transaction sees what is committed and what it has written itself. A row that one
transaction has written or locked is nobody else's to write until it ends: who wants it waits,
and then looks again, as under READ COMMITTED. A statement happens at one instant, all of it or
nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa

from flowyard.storage.schema import METADATA

Row = dict[str, Any]
"""Values by column; never changed in place."""

Key = tuple[Any, ...]
"""A row's primary key."""

_JSON_COLUMNS = {
    name: frozenset(
        column.name for column in table.columns if "JSON" in type(column.type).__name__.upper()
    )
    for name, table in METADATA.tables.items()
}
_KEYS = {
    name: tuple(column.name for column in table.primary_key.columns)
    for name, table in METADATA.tables.items()
}
_REQUIRED = {
    name: frozenset(
        column.name for column in table.columns if not column.nullable and column.identity is None
    )
    for name, table in METADATA.tables.items()
}


def _default(column: sa.Column[Any]) -> object:
    given = column.server_default
    if not isinstance(given, sa.DefaultClause):
        return None
    text = str(given.arg)
    if "now()" in text:
        return datetime
    return int(text) if isinstance(column.type, sa.Integer) else _plain(column, text)


def _plain(column: sa.Column[Any], text: str) -> object:
    return text == "true" if isinstance(column.type, sa.Boolean) else text


_DEFAULTS = {
    name: {column.name: _default(column) for column in table.columns}
    for name, table in METADATA.tables.items()
}
_IDENTITIES = {
    name: [column.name for column in table.columns if column.identity is not None]
    for name, table in METADATA.tables.items()
}


class BlockedError(Exception):
    """Raised when a row is somebody else's to change until its transaction ends."""

    def __init__(self, holder: "Transaction") -> None:
        super().__init__("Expected a free row, but a transaction holds it")
        self.holder = holder


def jsonb(text: str | None) -> str | None:
    """Return JSON as a column of type jsonb gives it back."""
    if text is None:
        return None
    if "\\u0000" in text and _has_nul(orjson.loads(text)):
        raise asyncpg.exceptions.UntranslatableCharacterError("\\u0000 cannot be converted to text")
    try:
        return _written(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise asyncpg.exceptions.InvalidTextRepresentationError("invalid json") from error


def _has_nul(value: object) -> bool:
    match value:
        case str():
            return "\x00" in value
        case dict():
            return any(_has_nul(one) for pair in value.items() for one in pair)
        case list():
            return any(_has_nul(one) for one in value)
        case _:
            return False


def _written(value: object) -> str:
    match value:
        case dict():
            names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
            return (
                "{" + ", ".join(f"{_text(name)}: {_written(value[name])}" for name in names) + "}"
            )
        case list():
            return "[" + ", ".join(_written(one) for one in value) + "]"
        case _:
            return _text(value)


def _text(value: object) -> str:
    return orjson.dumps(value).decode()


class Tables:
    """What is committed."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, Row]] = {name: {} for name in METADATA.tables}
        self.holders: dict[object, Transaction] = {}
        """Who holds a row or an advisory lock."""
        self.watchers: list[Callable[[str, Row | None, Row | None], None]] = []
        """Are told of every row that a commit changes: its table, the old row and the new one."""
        self.identities = count(1)
        """Numbers that no two rows share."""

    def next_identity(self) -> int:
        return next(self.identities)

    def commit(self, changes: Mapping[str, Mapping[Key, Row | None]]) -> None:
        for name, rows in changes.items():
            table = self.rows[name]
            for key, row in rows.items():
                before = table.get(key)
                if row is None:
                    table.pop(key, None)
                else:
                    table[key] = row
                for watcher in self.watchers:
                    watcher(name, before, row)


class Transaction:
    """What one transaction has written and holds."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._tables = tables
        self._clock = clock
        self.began_at = clock()
        """What ``now()`` gives in it."""
        self._changes: dict[str, dict[Key, Row | None]] = {}
        self._held: dict[object, None] = {}
        self._waiting: list[Callable[[], None]] = []
        self.is_over = False
        self.is_failed = False
        """Set by an error: nothing but its end is possible then."""
        self.waits_for: Transaction | None = None

    def clock(self) -> datetime:
        """Return what ``clock_timestamp()`` gives."""
        return self._clock()

    def get(self, table: str, key: Key) -> Row | None:
        changed = self._changes.get(table)
        if changed is not None and key in changed:
            return changed[key]
        return self._tables.rows[table].get(key)

    def scan(self, table: str) -> Collection[Row]:
        changed = self._changes.get(table)
        if not changed:
            return self._tables.rows[table].values()
        merged = {**self._tables.rows[table], **changed}
        return [row for row in merged.values() if row is not None]

    def lock(self, what: object) -> None:
        """Hold a row, or anything else that has a name, until the end."""
        holder = self._tables.holders.get(what)
        if holder is self:
            return
        if holder is not None:
            raise BlockedError(holder)
        self._tables.holders[what] = self
        self._held[what] = None

    def may_lock(self, table: str, key: Key) -> bool:
        """Tell whether nobody else holds a row."""
        return self._tables.holders.get((table, key)) in (None, self)

    def lock_row(self, table: str, key: Key) -> None:
        self.lock((table, key))

    def insert(self, table: str, values: Mapping[str, Any]) -> Row:
        """Add a row, with the defaults of its columns.

        Raises
        ------
        asyncpg.UniqueViolationError
            Raised if its key is taken.
        """
        row = self._filled(table, values)
        key = self.key_of(table, row)
        self.lock_row(table, key)
        if self.get(table, key) is not None:
            raise asyncpg.UniqueViolationError(f"duplicate key in {table}")
        self._put(table, key, row)
        return row

    def update(self, table: str, row: Row, **values: Any) -> Row:
        """Change columns of a row that was read; JSON columns take text."""
        key = self.key_of(table, row)
        self.lock_row(table, key)
        for name in _JSON_COLUMNS[table] & values.keys():
            if values[name] is not row[name]:
                values[name] = jsonb(values[name])
        changed = {**row, **values}
        self._put(table, key, changed)
        return changed

    def delete(self, table: str, row: Row) -> None:
        key = self.key_of(table, row)
        self.lock_row(table, key)
        self._changes.setdefault(table, {})[key] = None

    @staticmethod
    def key_of(table: str, row: Mapping[str, Any]) -> Key:
        return tuple(row[name] for name in _KEYS[table])

    def savepoint(self) -> Callable[[], None]:
        """Return what takes back whatever is written and locked from now on."""
        changes = {name: dict(rows) for name, rows in self._changes.items()}
        held = dict(self._held)

        def undo() -> None:
            self._changes = changes
            self._free(one for one in list(self._held) if one not in held)

        return undo

    def when_over(self, then: Callable[[], None]) -> None:
        self._waiting.append(then)

    def end(self, *, commits: bool) -> None:
        """Commit or roll back, once; who waited goes on."""
        if self.is_over:
            return
        self.is_over = True
        if commits:
            self._tables.commit(self._changes)
        self._free(list(self._held))
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()

    def _free(self, held: Iterator[object] | list[object]) -> None:
        for one in held:
            del self._tables.holders[one]
            del self._held[one]

    def _put(self, table: str, key: Key, row: Row) -> None:
        _check(table, row)
        self._changes.setdefault(table, {})[key] = row

    def _filled(self, table: str, values: Mapping[str, Any]) -> Row:
        row: Row = {}
        for name, default in _DEFAULTS[table].items():
            value = values.get(name)
            row[name] = value if name in values else default
            if row[name] is datetime:
                row[name] = self.began_at
        for name in _IDENTITIES[table]:
            row[name] = values.get(name) or self._tables.next_identity()
        for name in _JSON_COLUMNS[table]:
            row[name] = jsonb(row[name])
        return row


_REASONS = frozenset({"ready", "running", "waiting", "failed"})
_NODE_STATUSES = _REASONS | {"succeeded", "skipped", "cancelled"}
_INSTANCE_FINAL = frozenset({"succeeded", "cancelled"})
_INSTANCE_STATUSES = _INSTANCE_FINAL | {"created", "running", "paused", "failed"}


def _check(table: str, row: Row) -> None:
    """Refuse what the schema's constraints refuse."""
    for name in _REQUIRED[table]:
        if row[name] is None:
            raise asyncpg.NotNullViolationError(f"null in {table}.{name}")
    for value in row.values():
        if isinstance(value, str) and "\x00" in value:
            raise asyncpg.exceptions.CharacterNotInRepertoireError("invalid byte sequence")
    is_right = True
    if table == "node":
        has_reason = row["reason"] is not None
        is_right = (
            row["status"] in _NODE_STATUSES
            and has_reason == (row["status"] in _REASONS)
            and has_reason == (row["check_at"] is not None)
        )
    elif table == "instance":
        is_right = (
            row["status"] in _INSTANCE_STATUSES
            and (row["ended_at"] is not None) == (row["status"] in _INSTANCE_FINAL)
            and row["phase"] in ("forward", "rollback")
            and 0 <= row["priority"] <= 9
        )
    elif table == "command":
        is_right = (row["outcome"] is None) == (row["settled_at"] is None) and (
            row["outcome"] in (None, "applied", "rejected")
        )
    if not is_right:
        raise asyncpg.CheckViolationError(f"a constraint of {table}")
