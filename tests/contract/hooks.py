"""What Schemathesis loads: live resources for its requests, and the rules beyond the schema.

Run by :mod:`tests.contract.run`, which says in the environment where the server is.
"""

import atexit
import os
from collections import Counter
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
import schemathesis
from schemathesis import Case as GeneratedCase
from schemathesis import HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

from tests.contract.calls import Call
from tests.contract.rules import rule_of
from tests.contract.stage import Stage, StageError, stage_on
from tests.contract.table import CALLS

USES = 8
"""Requests for which a resource does; then it is another one, in a fresh state."""

READS = 50
"""The same, for requests that change nothing."""

MOST_WAIT = 0.2
"""Longest wait for an outcome, in seconds: a longer one says the same about the contract."""

Case = GeneratedCase[Any]

_GONE = 404
_LONGEST_KEY = 200
_CONDITIONS = frozenset({"If-Match", "If-None-Match"})
_REPORT = Path(os.environ["FLOWYARD_CONTRACT_REPORT"])  # noqa: TID251
_ADDRESS = os.environ["FLOWYARD_CONTRACT_ADDRESS"]  # noqa: TID251
_TOKEN = os.environ["FLOWYARD_CONTRACT_TOKEN"]  # noqa: TID251


class Supply:
    """Resources for requests, by operation."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._calls: dict[str, Call] = {}
        self._uses: Counter[str] = Counter()
        self._lock = Lock()
        self.given: set[tuple[str, str]] = set()
        """Addresses of live resources: checks send some requests again, to the same ones."""

    def call(self, name: str, *, uses: int, is_fresh: bool) -> Call:
        """Return a call of an operation; what it is about exists, for so many requests."""
        with self._lock:
            self._uses[name] += 1
            if is_fresh or self._uses[name] % uses == 1 or name not in self._calls:
                self._calls[name] = self._made(name)
            return self._calls[name]

    def forget(self, name: str) -> None:
        """Have the next call be about something new: what the last was about has gone."""
        with self._lock:
            self._calls.pop(name, None)

    def _made(self, name: str) -> Call:
        try:
            return CALLS[name](self._stage)
        except StageError:
            # Some request has done away with what the shop has.
            self._stage.prepare()
            return CALLS[name](self._stage)


_stack = ExitStack()
_supply = Supply(_stack.enter_context(stage_on(_ADDRESS, _TOKEN)))
_statuses: Counter[str] = Counter()
_beyond: Counter[str] = Counter()
_keys = count(1)
_counting = Lock()
"""Several workers ask at once."""


@schemathesis.hook
def before_call(_: HookContext, case: Case, kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """Have a request be about something that is there, and wait no longer than it must."""
    _shorten(case)
    _renew_key(case)
    meta = case.meta
    if meta is None or meta.phase.name is TestPhase.STATEFUL:
        # Links say what a request of a sequence is about.
        return
    if meta.is_negative_at(ParameterLocation.PATH) or _target(case) in _supply.given:
        return
    if case.method.upper() != case.operation.method.upper():
        # A method that the address does not have: whether anything is there does not matter.
        return
    is_example = meta.phase.name is TestPhase.EXAMPLES
    uses = READS if case.method == "GET" else USES
    call = _supply.call(_name(case), uses=uses, is_fresh=is_example)
    if call.path:
        case.path_parameters = {**case.path_parameters, **_address(case, call)}
        _supply.given.add(_target(case))
    if is_example:
        _complete(case, call)


@schemathesis.hook
def after_call(_: HookContext, case: Case, response: Response) -> None:
    """Count what each operation answers."""
    if response.status_code == _GONE and _target(case) in _supply.given:
        _supply.forget(_name(case))
    if response.request.method == case.operation.method.upper():
        with _counting:
            _statuses[f"{_name(case)} {response.status_code}"] += 1


@schemathesis.hook
def filter_failure(_: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Pass what a rule has refused that no schema states; everything else is a finding."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = orjson.loads(response.content)
    rule = rule_of(problem)
    if rule is None or not _is_documented(case, response.status_code, problem["code"]):
        return True
    with _counting:
        _beyond[rule] += 1
    return False


def _is_documented(case: Case, status: int, code: str) -> bool:
    answer = case.operation.definition.raw["responses"].get(str(status), {})
    content = answer.get("content", {}).get("application/problem+json", {})
    return code in content.get("examples", {})


def _address(case: Case, call: Call) -> dict[str, Any]:
    """Return the address of a call, with the case's own action where it has one."""
    return {
        name: case.path_parameters.get(name, value) if name == "action" else value
        for name, value in call.path.items()
    }


def _complete(case: Case, call: Call) -> None:
    """Have an example say what is so only here and now: names that are free, ids, tags."""
    case.query = {**case.query, **{name: call.query[name] for name in call.needs & {*call.query}}}
    if "body" in call.needs:
        case.body = call.body
    for name in _CONDITIONS:
        case.headers.pop(name, None)
    case.headers.update({name: call.headers[name] for name in _CONDITIONS & {*call.headers}})


def _target(case: Case) -> tuple[str, str]:
    return case.method, case.formatted_path


def _shorten(case: Case) -> None:
    wait = case.query.get("wait")
    if isinstance(wait, int | float) and wait > MOST_WAIT:
        case.query = {**case.query, "wait": MOST_WAIT}
    if "wait" in case.headers.get("prefer", ""):
        case.headers["prefer"] = "wait=1"


def _renew_key(case: Case) -> None:
    """Have a sound key be a new one: used again, it asks for the answer to another request."""
    key = case.headers.get("idempotency-key")
    meta = case.meta
    if key and meta is not None and meta.generation.mode.is_positive:
        case.headers["idempotency-key"] = f"{next(_keys)}-{key}"[:_LONGEST_KEY]


def _name(case: Case) -> str:
    name: str = case.operation.definition.raw["operationId"]
    return name


@atexit.register
def _report() -> None:
    _stack.close()
    _REPORT.write_bytes(orjson.dumps({"statuses": _statuses, "beyond": _beyond}))
