import orjson
import yaml

from flowyard.interchange import Findings, import_bk_sops, read_flows, to_yaml_v1
from tests.unit.interchange.test_damaged_files import EXPORT
from tests.unit.interchange.trees import constant, line, service, tree


def test_what_is_written_gives_the_same_template_when_it_is_read() -> None:
    text = orjson.dumps(EXPORT).decode()

    written = to_yaml_v1(read_flows(text, Findings()), Findings())

    first, again = import_bk_sops(text), import_bk_sops(written)
    assert [one.document for one in again.templates] == [one.document for one in first.templates]


def test_writing_again_what_was_read_changes_nothing() -> None:
    once = to_yaml_v1(read_flows(orjson.dumps(EXPORT).decode(), Findings()), Findings())

    assert to_yaml_v1(read_flows(once, Findings()), Findings()) == once


def test_options_have_their_names_of_yaml() -> None:
    value = line(a=service(error_ignorable=True, skippable=False, stage_name="one"))

    written = yaml.safe_load(
        to_yaml_v1(read_flows(orjson.dumps(value).decode(), Findings()), Findings())
    )

    node = written["spec"]["nodes"][1]
    assert (node["ignore_error"], node["can_skip"], node["stage_name"]) == (True, False, "one")


def test_what_the_format_cannot_hold_is_said() -> None:
    gateway = {
        "type": "ExclusiveGateway",
        "conditions": {"g>a": {"evaluate": "1 == 1"}},
        "default_condition": {"flow_id": "g>a"},
    }
    value = tree(
        {"g": gateway, "a": service()}, [("s", "g"), ("g", "a"), ("a", "e")], [constant("n")]
    )
    findings = Findings()

    to_yaml_v1(read_flows(orjson.dumps(value).decode(), findings), findings)

    assert [one.code for one in findings.found] == ["branches_to_one_node"]
