from pathlib import Path

from rich.style import Style

from flowyard_cli.dev.foreground import console_line, linked

ADDRESS = "http://127.0.0.1:8080"


def test_a_terminal_is_told_an_address_that_signs_in() -> None:
    line = console_line(ADDRESS, "flowyard_x", has_console=True, is_private=True)

    assert line == f"Console   {ADDRESS}/#token=flowyard_x"


def test_output_that_may_be_kept_is_told_no_token() -> None:
    line = console_line(ADDRESS, "flowyard_x", has_console=True, is_private=False)

    assert line == f"Console   {ADDRESS}/"


def test_a_checkout_without_a_console_is_told_how_to_build_it() -> None:
    line = console_line(ADDRESS, "flowyard_x", has_console=False, is_private=True)

    assert "make console" in line
    assert "flowyard_x" not in line


def test_addresses_and_files_of_the_greeting_are_there_to_be_clicked(tmp_path: Path) -> None:
    token = tmp_path / "token"

    shown = linked(f"Console   {ADDRESS}/#token=x\nToken     {token}", token)

    links = {
        shown.plain[span.start : span.end]: span.style.link
        for span in shown.spans
        if isinstance(span.style, Style)
    }
    assert links == {f"{ADDRESS}/#token=x": f"{ADDRESS}/#token=x", str(token): token.as_uri()}
