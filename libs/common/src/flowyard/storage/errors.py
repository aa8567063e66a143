"""What the storage room raises."""

from flowyard.errors import PermanentError, RetryableError


class DatabaseUnavailableError(RetryableError):
    """Raised when Postgres cannot be reached or breaks off."""

    code = "database_unavailable"


class SchemaMismatchError(PermanentError):
    """Raised at start when the database's schema is not the one this release needs."""

    code = "schema_mismatch"

    def __init__(self, *, found: str | None, expected: str) -> None:
        super().__init__(
            f"Expected database schema {expected}, but found {found or 'none'}:"
            " run 'flowyard migrate' first"
        )
        self.found = found
        self.expected = expected


class NotFoundError(PermanentError):
    """Raised when a row that a caller names does not exist."""

    code = "not_found"

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"Expected {what} {key}, but there is none")
        self.what = what
        self.key = str(key)


class ConflictError(PermanentError):
    """Raised when a row has changed, or exists, against what the caller expected."""

    code = "conflict"
