from typing import Any

from tools.sbom import locked_versions, surprises

LOCK = "# made by a tool\naiokafka==0.14.0\ntyping-extensions==4.15.0\nuvloop==0.22.1 ; x != 'y'\n"


def _bill(**versions: str) -> dict[str, Any]:
    return {
        "components": [{"name": name, "version": version} for name, version in versions.items()]
    }


def test_the_lock_is_read_with_and_without_markers() -> None:
    assert locked_versions(LOCK) == {
        "aiokafka": "0.14.0",
        "typing-extensions": "4.15.0",
        "uvloop": "0.22.1",
    }


def test_a_bill_of_what_is_locked_is_no_surprise_however_names_are_written() -> None:
    bill = _bill(aiokafka="0.14.0", Typing_Extensions="4.15.0", flowyard="0.1.0")

    assert surprises(bill, locked_versions(LOCK)) == []


def test_another_version_and_another_package_are_surprises() -> None:
    bill = _bill(aiokafka="0.13.0", pip="25.0")

    assert surprises(bill, locked_versions(LOCK)) == [
        "aiokafka 0.13.0 is installed, but 0.14.0 is locked",
        "pip 25.0 is installed, but nothing is locked",
    ]


def test_a_bill_that_names_nothing_is_a_surprise() -> None:
    assert surprises(_bill(flowyard="0.1.0"), locked_versions(LOCK)) == ["the bill is empty"]
