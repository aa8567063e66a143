"""Which version of the records a process writes: the newest that all members know."""

from flowyard.contracts.topics import OLDEST_RECORD_VERSION, RECORD_VERSION


class RecordLevel:
    """Follows what the cluster has agreed on, within what this release knows.

    Only the end of an upgrade raises it (``flowyard migrate --phase contract``), when no
    process of the release before runs any more.
    """

    def __init__(self) -> None:
        self.version = OLDEST_RECORD_VERSION
        """What is to be written now."""

    def agree(self, version: int) -> None:
        """Write a version from now on, or the newest known one where that is older."""
        self.version = min(version, RECORD_VERSION)
