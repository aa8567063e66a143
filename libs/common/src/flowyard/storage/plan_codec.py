"""How an instance was asked to run, as JSON: the column ``instance.plan``."""

from collections.abc import Mapping
from typing import Any

from flowyard.engine.snapshot import NO_PLAN, Failure, Mock, Plan, Seed


def encode_plan(plan: Plan) -> dict[str, Any] | None:
    """Return a plan as JSON without what has its default; None for the plan that asks nothing."""
    if plan == NO_PLAN:
        return None
    encoded: dict[str, Any] = {
        "schemes": list(plan.schemes),
        "excluded": sorted(plan.excluded),
        "mocks": {node_id: _encode_mock(mock) for node_id, mock in plan.mocks.items()},
        "is_mocked": plan.is_mocked,
        "seed": None if plan.seed is None else _encode_seed(plan.seed),
        "depth": plan.depth,
        "project_variables": dict(plan.project_variables),
    }
    return {key: value for key, value in encoded.items() if value}


def decode_plan(encoded: Mapping[str, Any] | None) -> Plan:
    """Return the plan that :func:`encode_plan` was given."""
    if not encoded:
        return NO_PLAN
    seed = encoded.get("seed")
    return Plan(
        schemes=tuple(encoded.get("schemes", ())),
        excluded=frozenset(encoded.get("excluded", ())),
        mocks={key: _decode_mock(one) for key, one in encoded.get("mocks", {}).items()},
        is_mocked=encoded.get("is_mocked", False),
        seed=None if seed is None else Seed(**seed),
        depth=encoded.get("depth", 0),
        project_variables=encoded.get("project_variables", {}),
    )


def _encode_mock(mock: Mock) -> dict[str, Any]:
    failure = mock.failure
    encoded: dict[str, Any] = {
        "outputs": dict(mock.outputs),
        "failure": None if failure is None else {"code": failure.code, "message": failure.message},
        "is_run": mock.is_run,
    }
    return {key: value for key, value in encoded.items() if value}


def _decode_mock(encoded: Mapping[str, Any]) -> Mock:
    failure = encoded.get("failure")
    return Mock(
        outputs=encoded.get("outputs", {}),
        failure=None if failure is None else Failure(**failure),
        is_run=encoded.get("is_run", False),
    )


def _encode_seed(seed: Seed) -> dict[str, Any]:
    return {
        "instance_id": seed.instance_id,
        "start_id": seed.start_id,
        "variables": dict(seed.variables),
        "outputs": {node_id: dict(outputs) for node_id, outputs in seed.outputs.items()},
        "inputs": None if seed.inputs is None else dict(seed.inputs),
    }
