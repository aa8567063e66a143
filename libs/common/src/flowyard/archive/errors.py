"""What the archive room raises."""

from flowyard.errors import PermanentError, RetryableError


class ArchiveUnavailableError(RetryableError):
    """Raised when the archive's place cannot be reached, or refuses what is asked of it."""

    code = "archive_unavailable"


class ArchiveDamagedError(PermanentError):
    """Raised when a file of the archive is not what was written."""

    code = "archive_damaged"


class ArchivePlaceError(PermanentError):
    """Raised when a text names no place that an archive could be in."""

    code = "archive_place"
