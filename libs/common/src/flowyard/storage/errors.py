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


class ReleaseTooOldError(PermanentError):
    """Raised at start when the database was given up for this release: newer ones work on it."""

    code = "release_too_old"

    def __init__(self, *, revision: str) -> None:
        super().__init__(
            f"Expected a release that knows database schema {revision}, but this one does not:"
            " an upgrade beyond it was brought to its end"
        )
        self.revision = revision


class ContractPendingError(PermanentError):
    """Raised when an upgrade cannot begin because the one before was not brought to its end."""

    code = "contract_pending"

    def __init__(self, *, revision: str) -> None:
        super().__init__(
            f"Expected the upgrade before this one to be finished, but schema change {revision}"
            " is still to be made: once no process of the older release runs, run"
            " 'flowyard migrate --phase contract' of the release that runs now"
        )
        self.revision = revision


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
