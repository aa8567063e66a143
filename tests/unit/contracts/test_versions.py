from flowyard.contracts.level import RecordLevel
from flowyard.contracts.topics import (
    NODE_READY_SCHEMA,
    OLDEST_RECORD_VERSION,
    RECORD_VERSION,
    SCHEMA_HEADER,
    is_newer,
    schema_header,
    version_of,
)


def test_the_oldest_version_is_written_until_all_agree_on_a_newer_one() -> None:
    assert RecordLevel().version == OLDEST_RECORD_VERSION


def test_nothing_newer_is_written_than_this_release_knows() -> None:
    level = RecordLevel()

    level.agree(RECORD_VERSION + 5)

    assert level.version == RECORD_VERSION


def test_a_form_is_named_in_the_version_that_it_is_written_in() -> None:
    assert schema_header(NODE_READY_SCHEMA, 7) == (SCHEMA_HEADER, b"ready-step/7")
    assert version_of("ready-step/7") == 7


def test_a_record_without_a_version_is_of_the_oldest() -> None:
    assert version_of("") == OLDEST_RECORD_VERSION
    assert version_of("ready-step/new") == OLDEST_RECORD_VERSION


def test_only_a_later_version_of_the_same_form_is_newer() -> None:
    assert is_newer(f"ready-step/{RECORD_VERSION + 1}", NODE_READY_SCHEMA)
    assert not is_newer(NODE_READY_SCHEMA, NODE_READY_SCHEMA)
    assert not is_newer(f"instance-event/{RECORD_VERSION + 1}", NODE_READY_SCHEMA)
