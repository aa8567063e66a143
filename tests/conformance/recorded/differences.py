"""What is meant to differ from bamboo, case by case and step by step, each with its reason.

The same list stands in docs/migration.md. A case that is listed here and does not differ
fails, so that the list stays short and true.
"""

from collections.abc import Mapping

CANCEL = "cancelling stops what runs at once; bamboo lets running nodes finish"
EDITED = "edited inputs of a retry hold for that attempt; later rounds take the template's again"
HOOKS = "there are no hooks within the engine's process, so none are called or told"
RECORDING = (
    "the recording expects success of a node that its own parameters let fail; it fails here,"
    " as the hooks that it names say"
)

_NODE = "test_node::test_node_fail"
_HOOK_ORDER = "assert [\"runtime.get_execution_data('act').outputs['hook_call_order']"
_IGNORED: Mapping[str, str] = {_HOOK_ORDER: HOOKS}
_NOT_IGNORED: Mapping[str, str] = {_HOOK_ORDER: HOOKS, "assert_all_finish": RECORDING}

DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "test_revoke_pipeline::test_revoke_pipeline_with_nest_parallel": {"assert_all_finish": CANCEL},
    "test_rerun::test_retry_rerun": {
        "assert_exec_data_equal": EDITED,
        "assert [\"runtime.get_histories('act_1')[3].inputs": EDITED,
        "assert [\"runtime.get_histories('act_1')[3].outputs": EDITED,
        "assert [\"runtime.get_histories('act_1')[4].inputs": EDITED,
        "assert [\"runtime.get_histories('act_1')[4].outputs": EDITED,
    },
    "test_callback::test_callback_node_success": {"assert_exec_data_equal": HOOKS},
    "test_callback::test_callback_node_fail_and_skip": {"assert_exec_data_equal": HOOKS},
    f"{_NODE}[execute raise and ignore]": _IGNORED,
    f"{_NODE}[schedule raise and ignore]": _IGNORED,
    f"{_NODE}[execute raise and not ignore]": _NOT_IGNORED,
    f"{_NODE}[schedule raise and not ignore]": _NOT_IGNORED,
}
"""Beginnings of the steps that deviate, with the reason, by the case that they belong to."""
