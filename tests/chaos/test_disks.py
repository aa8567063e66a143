"""What a small disk promises; where this machine lets nobody mount there is none to test."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.disks import DiskMissingError, SmallDisk, check_mounts

SIZE_BYTES = 4 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk | None]:
    try:
        check_mounts()
    except DiskMissingError:
        yield None
        return
    with SmallDisk(tmp_path / "disk", size_bytes=SIZE_BYTES) as mounted:
        yield mounted


def test_a_full_disk_takes_no_byte_until_it_is_freed(disk: SmallDisk | None) -> None:
    if disk is None:
        with pytest.raises(DiskMissingError):
            check_mounts()
        return
    file = disk.folder / "file"

    taken = disk.fill()
    with pytest.raises(OSError, match="No space left") as refused:
        file.write_bytes(b"x" * 4096)
    disk.free()
    file.write_bytes(b"x" * 4096)

    assert taken > SIZE_BYTES // 2
    assert refused.value.errno == errno.ENOSPC
    assert file.stat().st_size == 4096
