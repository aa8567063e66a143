"""Every place of archives keeps whole files, and shows nothing of those that are not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowyard.archive.bucket import BucketAccess, BucketPlace
from flowyard.archive.errors import ArchivePlaceError, ArchiveUnavailableError
from flowyard.archive.folder import FolderPlace
from flowyard.archive.places import ArchivePlace, open_place
from tests.support.bucket_store import KEYS, BucketStore, bucket_store

NAME = "shop/2026/11/a name \u00fc.jsonl.gz"
DATA = bytes(range(256)) * 5000


@pytest.fixture
def store() -> Iterator[BucketStore]:
    with bucket_store() as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> ArchivePlace:
    if request.param == "folder":
        return open_place(tmp_path.as_uri())
    running: BucketStore = request.getfixturevalue("store")
    return open_place("s3://flowyard/some/prefix/", running.access)


def keep(place: ArchivePlace, data: bytes = DATA) -> None:
    file = place.create(NAME)
    try:
        file.write(data[:1000])
        file.write(data[1000:])
        file.commit()
    finally:
        file.discard()


def test_a_file_that_was_committed_is_read_whole_and_in_parts(place: ArchivePlace) -> None:
    keep(place)

    assert b"".join(place.chunks(NAME)) == DATA
    assert place.read(NAME, 300, 1000) == DATA[300:1300]
    assert place.read(NAME, len(DATA) - 1, 1) == DATA[-1:]


def test_a_file_that_was_not_committed_is_not_there(place: ArchivePlace) -> None:
    file = place.create(NAME)
    file.write(DATA)

    with pytest.raises(ArchiveUnavailableError):
        place.read(NAME, 0, 1)
    file.discard()
    with pytest.raises(ArchiveUnavailableError):
        place.read(NAME, 0, 1)


def test_a_file_that_was_removed_is_gone_and_may_be_removed_again(place: ArchivePlace) -> None:
    keep(place)

    place.remove(NAME)
    place.remove(NAME)

    with pytest.raises(ArchiveUnavailableError):
        list(place.chunks(NAME))


def test_a_file_that_was_begun_and_left_is_removed_by_its_name(tmp_path: Path) -> None:
    place = FolderPlace(str(tmp_path))
    left = place.create(NAME)
    left.write(DATA)

    place.remove(NAME)

    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
    left.discard()


def test_a_store_that_refuses_says_why(store: BucketStore) -> None:
    place = open_place("s3://flowyard", store.access)
    store.is_out_of_order = True

    with pytest.raises(ArchiveUnavailableError, match=r"answered 503 to PUT .*SlowDown"):
        keep(place)

    assert store.objects == {}


def test_a_store_refuses_whoever_has_another_key(store: BucketStore) -> None:
    stranger = replace(store.access, keys=replace(KEYS, secret="guessed"))  # noqa: S106

    with pytest.raises(ArchiveUnavailableError, match="SignatureDoesNotMatch"):
        keep(BucketPlace("flowyard", "", stranger))


def test_a_store_that_is_not_there_is_unavailable() -> None:
    access = BucketAccess(endpoint="http://127.0.0.1:9", keys=KEYS)

    with pytest.raises(ArchiveUnavailableError):
        keep(BucketPlace("flowyard", "", access))


def test_objects_stand_below_bucket_and_prefix(store: BucketStore) -> None:
    keep(open_place("s3://flowyard/some/prefix", store.access))

    assert list(store.objects) == ["/flowyard/some/prefix/shop/2026/11/a%20name%20%C3%BC.jsonl.gz"]


@pytest.mark.parametrize(
    "url", ["/folder", "file://host/folder", "file://", "s3://", "s3://bucket", "ftp://x/y"]
)
def test_what_names_no_place_is_refused(url: str) -> None:
    with pytest.raises(ArchivePlaceError):
        open_place(url)
