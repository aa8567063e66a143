"""The call of each operation; what they are for is told in :mod:`tests.contract.calls`."""

from collections.abc import Mapping

from tests.contract import calls
from tests.contract.calls import MINE, NIGHT, SERVICE, SHOP, Call, Maker, reading, same
from tests.contract.calls import at_node as at
from tests.contract.calls import in_shop as shop
from tests.contract.calls import of_instance as of
from tests.contract.calls import of_service as service
from tests.contract.flows import RELEASE

_YAML = {"Content-Type": "application/yaml"}
_MATCH = {"If-Match": "*"}
_NOOP = {"name": "noop", "version": "1.0"}
_FAIL = {"name": "fail", "version": "1.0"}
_COMPONENTS = {
    "job_fast_execute_script": {
        "plugin": "ssh_script@1.0",
        "inputs": {"script": {"field": "job_content", "as": "verbatim"}},
        "fixed": {"shell": "bash"},
        "outputs": {"log_outputs": "log"},
    }
}
_START = {
    "template": "release-service",
    "name": "Release 1.4.2",
    "inputs": {"version": "1.4.2", "hosts": ["app-1", "app-2"]},
    "labels": {"team": "shop"},
    "links": [{"kind": "ticket", "url": "https://tracker.example/OPS-1204", "title": "OPS-1204"}],
}
_ASKED = ("release-service", "ask", "waiting")
_FAILED = ("check-host", "check", "failed")
_RESTING = ("cool-down", "rest", "waiting")
_UNDECIDED = ("pick-place", "where", "failed")
_NESTED = ("nightly", "backup", "waiting")

PROJECTS: Mapping[str, Maker] = {
    "get_me": same(Call()),
    "get_projects": same(Call()),
    "post_project": calls.new_project,
    "get_project": shop(),
    "get_secrets": shop(),
    "get_variables": shop(),
    "put_project_variable": same(
        Call(
            path={**SHOP, "name": "region"},
            body={"value": "eu-central-1", "description": "Where new machines are made"},
        )
    ),
    "delete_project_variable": calls.variable,
    "get_categories": shop(),
    "put_categories": shop(body={"names": ["Release", "Night checks"]}),
    "get_filters": same(Call(path={**SHOP, "resource": "instances"})),
    "get_filter": calls.saved_filter,
    "put_filter": same(
        Call(
            path=MINE,
            body={
                "description": "What failed and is ours",
                "parameters": {"status": ["failed"], "label": ["team:shop"]},
            },
        )
    ),
    "remove_filter": calls.saved_filter,
    "post_import": calls.imported,
    "get_component_table": shop(),
    "put_component_table": shop(body={"rules": _COMPONENTS}),
    "get_waiting": shop(),
    "get_waiting_count": shop(),
    "get_last_runs": calls.last_runs,
    "get_project_events": shop(),
}
WEBHOOKS: Mapping[str, Maker] = {
    "get_webhooks": calls.listed_webhooks,
    "post_webhook": calls.new_webhook,
    "get_webhook": calls.of_webhook(),
    "patch_webhook": calls.of_webhook(body={"events": ["instance.failed"], "enabled": True}),
    "remove_webhook": calls.of_webhook(),
    "rotate_webhook_secret": calls.of_webhook(body={"overlap_seconds": 86_400}),
    "ping_webhook": calls.of_webhook(),
    "redeliver_many": calls.of_webhook(body={"since": "2026-11-22T08:00:00Z"}),
    "get_webhook_changes": calls.listed_webhooks,
    "get_deliveries": calls.told,
    "get_delivery": calls.delivered,
    "redeliver_one": calls.delivered,
}
RETENTION: Mapping[str, Maker] = {
    "get_retention": shop(),
    "put_retention": shop(body={"mode": "archive", "after_seconds": 7_776_000}),
    "delete_retention": shop(),
    "get_archives": shop(),
    "get_archived_instances": shop(),
    "get_hold": calls.held,
    "put_instance_hold": reading(*_ASKED, body={"reason": "Audit 2026-14"}),
    "delete_instance_hold": calls.held,
}
TEMPLATES: Mapping[str, Maker] = {
    "get_templates": shop(),
    "post_template": calls.new_template,
    "get_template": service(),
    "patch_template": service(
        body={"title": "Release a service", "category": "Release", "labels": {"team": "shop"}}
    ),
    "delete_template": calls.of_fresh(),
    "restore_template": service(),
    "get_draft": service(),
    "put_draft": calls.of_fresh(text=RELEASE, headers={**_YAML, **_MATCH}),
    "validate": shop(text=RELEASE, headers=_YAML),
    "apply": shop(text=RELEASE, headers=_YAML),
    "get_drafts": service(),
    "get_my_draft": calls.my_draft,
    "put_my_draft": calls.new_draft,
    "delete_my_draft": calls.my_draft,
    "put_presence": service(),
    "get_draft_of": calls.draft_of,
    "get_draft_revisions": service(),
    "get_draft_revision": calls.draft_revision,
    "publish": calls.of_unpublished(
        body={"note": "Checks the service after the start"}, headers={"If-Match": '"1"'}
    ),
    "roll_back": calls.rolled_back,
    "get_versions": service(),
    "get_version": calls.of_version(),
    "get_diff": calls.compared,
    "get_export": calls.of_version(),
    "preview_plan": calls.of_version(body={"schemes": ["quick"]}),
    "preview_inputs": service(body={"inputs": {"version": "1.4.2"}}),
    "post_check_inputs": calls.of_version(body={"inputs": {"version": "1.4.2"}}),
    "mock_run": service(
        body={
            "mocks": {"build": {"outputs": {"image": "shop:1.4.2"}}},
            "inputs": {"version": "1.4.2"},
            "name": "Before the release",
        }
    ),
    "test_node": service(
        body={"node_id": "verify", "variables": {"version": "1.4.2"}, "name": "Verify alone"}
    ),
    "get_template_changes": service(),
    "get_visibility": service(),
    "put_visibility": calls.of_fresh(body={"all": False, "projects": ["billing"]}),
    "put_favourite": service(),
    "delete_favourite": service(),
    "get_presets": service(),
    "get_preset": calls.preset,
    "put_preset": same(
        Call(
            path=NIGHT, body={"description": "What the night takes", "inputs": {"version": "1.4.2"}}
        )
    ),
    "remove_preset": calls.preset,
    "get_template_uses": same(Call(path={**SERVICE, "template": "backup"})),
    "get_outdated": calls.of_outdated("user"),
    "stop_template_uses": calls.of_outdated("used", body={"project": "shop", "limit": 100}),
    "update_template_uses": calls.of_outdated(
        "used", body={"note": "Takes the quicker backup", "limit": 50}
    ),
    "update_subflows": calls.of_outdated("user", body={"note": "Takes the quicker backup"}),
}
INSTANCES: Mapping[str, Maker] = {
    "post_instance": shop(body=_START),
    "get_instances": shop(),
    "bulk_create": shop(
        body={"items": [_START, {"template": "cool-down", "name": "Cool down", "start": False}]}
    ),
    "get_instance": reading(*_ASKED),
    "get_definition": reading(*_ASKED),
    "get_events": reading(*_ASKED),
    "get_node": reading(*_ASKED, node="ask"),
    "get_items": calls.with_items,
    "get_node_preview": reading(*_ASKED, node="build"),
    "get_logs": reading(*_FAILED, node="check", path={"number": 1}),
    "get_log_stream": reading(*_FAILED, node="check", path={"number": 1}),
    "clone": reading(*_ASKED, body={"name": "Release 1.4.3", "inputs": {"version": "1.4.3"}}),
    "rerun": of(*_FAILED, body={"node_id": "check", "name": "Check once more"}),
}
COMMANDS: Mapping[str, Maker] = {
    "cancel_instance": of(*_RESTING, body={"rollback": False}),
    "set_variables": of(*_RESTING, body={"values": {"note": "The night was loud"}}),
    "set_priority": of(*_RESTING, body={"priority": 8}),
    "operate_on_instance": calls.not_started(path={"action": "start"}),
    "get_commands": calls.operated_of,
    "get_command": calls.operated,
    "retry": at(*_FAILED, body={"inputs": None}),
    "restart": at(*_NESTED, body={"inputs": None}),
    "force_fail": at(*_RESTING, body={"message": "Hangs since the switch was replaced"}),
    "force_succeed": at(*_FAILED, body={"outputs": {}}),
    "choose": at(*_UNDECIDED, body={"targets": ["production"]}),
    "reset_timer": at(*_RESTING, body={"after_seconds": 600}),
    "approve": at(*_ASKED, body={"comment": "Seen with the customer"}),
    "reject": at(*_ASKED, body={"comment": "The freeze has begun"}),
    "operate_on_node": at(*_FAILED, path={"action": "skip"}),
    "operate_on_many_instances": calls.many_instances,
    "operate_on_many_nodes": of(*_FAILED, path={"action": "retry"}, body={"node_ids": ["check"]}),
    "post_callback": calls.called_back,
}
SURROUNDINGS: Mapping[str, Maker] = {
    "get_plugins": same(Call()),
    "get_plugin": same(Call(path=_NOOP)),
    "get_plugin_gateways": same(Call()),
    "get_plugin_uses": same(Call(path=_NOOP)),
    "stop_plugin_uses": same(Call(path=_FAIL, body={"project": "shop", "limit": 100})),
    "update_plugin_uses": same(
        Call(path=_FAIL, body={"project": "shop", "to_version": "1.0", "limit": 50})
    ),
    "get_queues": same(Call()),
    "get_queue": same(Call(path={"queue": "default"})),
    "post_session": calls.signed_in,
    "delete_session": same(Call(headers={"X-Flowyard-Console": "1"})),
}
CALLS: Mapping[str, Maker] = {
    **PROJECTS,
    **WEBHOOKS,
    **RETENTION,
    **TEMPLATES,
    **INSTANCES,
    **COMMANDS,
    **SURROUNDINGS,
}
"""Keyed by operation id."""
