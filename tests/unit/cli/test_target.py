from pathlib import Path

import pytest

from flowyard.settings import SecretStr
from flowyard_cli.data_folder import DataFolder, find_data_folder
from flowyard_cli.errors import NoServerError
from flowyard_cli.settings import ClientSettings
from flowyard_cli.target import find_target

HERE = "http://127.0.0.1:8080"
ELSEWHERE = "http://flowyard.example"
GIVEN = "given"
NOTHING = ClientSettings(server=None, token=None, data=None)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / ".flowyard")
    made.create()
    made.address_file.write_text(f"{HERE}\n")
    made.write_secret(made.token_file, "of-the-folder")
    return made


def test_a_data_folder_above_names_server_and_token(folder: DataFolder) -> None:
    deep = folder.path.parent / "a" / "b"
    deep.mkdir(parents=True)

    target = find_target(server=None, token=None, settings=NOTHING, start=deep)

    assert (target.server, target.token) == (HERE, "of-the-folder")


def test_the_environment_wins_over_the_data_folder(folder: DataFolder) -> None:
    settings = ClientSettings(server=ELSEWHERE, token=SecretStr("of-the-environment"))

    target = find_target(server=None, token=None, settings=settings, start=folder.path.parent)

    assert (target.server, target.token) == (ELSEWHERE, "of-the-environment")


def test_the_command_line_wins_over_the_environment(folder: DataFolder) -> None:
    settings = ClientSettings(server=HERE, token=SecretStr("of-the-environment"))

    target = find_target(
        server=f"{ELSEWHERE}/", token=GIVEN, settings=settings, start=folder.path.parent
    )

    assert (target.server, target.token) == (ELSEWHERE, GIVEN)


def test_the_data_folders_token_is_sent_to_its_own_server_only(folder: DataFolder) -> None:
    with pytest.raises(NoServerError, match="token"):
        find_target(server=ELSEWHERE, token=None, settings=NOTHING, start=folder.path.parent)


def test_without_any_server_the_ways_to_name_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(NoServerError, match="FLOWYARD_SERVER"):
        find_target(server=None, token=None, settings=NOTHING, start=tmp_path)


def test_a_named_data_folder_is_used_from_anywhere(folder: DataFolder, tmp_path: Path) -> None:
    settings = ClientSettings(server=None, token=None, data=folder.path)

    target = find_target(server=None, token=None, settings=settings, start=Path("/"))

    assert target.server == HERE
    assert find_data_folder(tmp_path) == folder


def test_the_token_never_shows_in_a_representation(folder: DataFolder) -> None:
    target = find_target(server=None, token=None, settings=NOTHING, start=folder.path.parent)

    assert "of-the-folder" not in repr(target)


def test_a_secret_file_is_readable_by_its_owner_alone(folder: DataFolder) -> None:
    assert folder.token_file.stat().st_mode & 0o777 == 0o600


def test_a_secret_file_is_made_once(folder: DataFolder) -> None:
    first = folder.keep_secret(folder.secret_key_file, lambda: "first")
    second = folder.keep_secret(folder.secret_key_file, lambda: "second")

    assert (first, second) == ("first", "first")
