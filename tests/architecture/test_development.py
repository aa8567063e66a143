"""What developers have installed does not change what they run."""

from importlib.util import find_spec


def test_nothing_installed_makes_each_start_slow() -> None:
    # jsonschema imports it where it is there, and it builds a grammar for two seconds.
    assert find_spec("rfc3987_syntax") is None
