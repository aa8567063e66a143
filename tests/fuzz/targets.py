"""What takes texts and bytes from outside, each as one call that may raise only what it declares.

An error that a caller is told to expect is swallowed here; any other one is a find.
"""

import asyncio
import json
import uuid
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from flowyard.contracts.plugin_api import StepBatch
from flowyard.contracts.topics import INSTANCE_EVENT, INSTANCE_EVENT_SCHEMA, SCHEMA_HEADER
from flowyard.document import DocumentError, compile_document, read_document, to_yaml
from flowyard.document.durations import seconds
from flowyard.engine.binding import bind_inputs
from flowyard.engine.boolrule import BoolRuleError, evaluate_boolrule, quirks
from flowyard.engine.expressions import ExpressionError, check, evaluate, names_in, render
from flowyard.errors import PermanentError
from flowyard.interchange import Findings, InterchangeError, import_bk_sops, read_flows, to_yaml_v1
from flowyard.messaging.consume import DeadLetters
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import IncomingRecord
from flowyard.storage.advance_store import HeldInstance, StoredCommand
from flowyard.storage.database import dump_json
from flowyard.storage.sealing import Sealer, new_key
from flowyard.telemetry.propagation import parse as parse_traceparent
from flowyard.testing.driving import EPOCH
from flowyard_api.storable import unstorable_part
from flowyard_plugin_gateway.execution import allowed_seconds
from flowyard_plugin_gateway.http_body import Body, ResponseTooLargeError, UnpackError, decoded
from flowyard_plugin_gateway.http_client import MAX_RESPONSE_BYTES
from flowyard_plugin_gateway.references import Disclosed, Resolver, seal_disclosed, secret_names
from flowyard_scheduler.decide import Item, decide
from flowyard_scheduler.intake import take_in
from flowyard_scheduler.translate import event_of
from flowyard_worker.plugin_client import LineReader, UnreadableAnswerError
from tests.fuzz.samples import ANSWER, BATCH, COMMAND, IMPORT, RESULT
from tests.fuzz.surroundings import FLOW, NAMES, drive, flow_graph, pinned, started

Headers = tuple[tuple[str, bytes], ...]

_SEALER = Sealer(new_key())
_SECRET = "s3cret-" * 200
_PARTITION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One way in."""

    run: Callable[[Any], None]
    sample: Any
    """What it takes without any objection."""


def read_definition(text: str) -> None:
    with suppress(DocumentError):
        document = read_document(text)
        canonical = document.canonical()
        if unstorable_part(canonical) is None:
            assert read_document(to_yaml(canonical)).canonical() == canonical
            drive(pinned(compile_document(document, plugins=None)))


def read_import(text: str) -> None:
    with suppress(InterchangeError):
        for template in import_bk_sops(text).templates:
            read_definition(orjson.dumps(template.document).decode())
    with suppress(InterchangeError):
        findings = Findings()
        to_yaml_v1(read_flows(text, findings), findings)


def use_expression(text: str) -> None:
    check(text)
    names_in(text)
    for use in (evaluate, render):
        with suppress(ExpressionError):
            value = use(text, NAMES)
            # What surrounds an expression stays as it is: documents hold no half characters.
            assert _is_broken(text) or orjson.dumps(value) is not None


def _is_broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def use_condition(text: str) -> None:
    for use in (quirks, lambda one: evaluate_boolrule(one, NAMES)):
        with suppress(BoolRuleError):
            use(text)


def take_record(given: tuple[Headers, bytes]) -> None:
    headers, value = given
    for _, header in headers:
        parse_traceparent(header.decode(errors="replace"))
    asyncio.run(_take_record(headers, value))


async def _take_record(headers: Headers, value: bytes) -> None:
    record = IncomingRecord(
        topic=INSTANCE_EVENT, partition=0, offset=0, key=b"\xff", value=value, headers=headers
    )
    async with LocalBroker() as broker, broker.producer() as producer:
        intake = await take_in([record], DeadLetters(producer, broker))
    for items in intake.items.values():
        _decide(items)


def _decide(items: list[Item]) -> None:
    held = HeldInstance(
        snapshot=started(), project_id=uuid.UUID(int=2), partition=_PARTITION, traceparent=None
    )
    decide(held, items, EPOCH, is_fresh=True)


def take_command(given: tuple[str, str | None, Mapping[str, Any]]) -> None:
    kind, node_id, payload = given
    command = StoredCommand(
        command_id=1,
        instance_id=uuid.UUID(int=1),
        kind=kind,
        node_id=node_id,
        payload=payload,
        actor="a",
    )
    _decide([Item(lambda at: event_of(command, at, frozenset), command)])


def take_inputs(given: Mapping[str, Any]) -> None:
    if unstorable_part(dict(given)) is None:
        dump_json(dict(bind_inputs(flow_graph().inputs, given).values))


def take_batch(body: bytes) -> None:
    try:
        batch = StepBatch.model_validate_json(body)
    except ValidationError as error:
        orjson.dumps(error.errors(include_url=False, include_input=False, include_context=False))
        return
    for step in batch.steps:
        assert 0 <= allowed_seconds(step) <= 86_400
        secrets = dict.fromkeys(secret_names(step.inputs), _SECRET)
        disclosed = Disclosed()
        with suppress(PermanentError):
            resolved = Resolver(secrets, _SEALER, disclosed).resolve(step.inputs)
            seal_disclosed(resolved, disclosed, _SEALER)


def read_answer(chunks: list[bytes]) -> None:
    reader = LineReader("http://gateway")
    with suppress(UnreadableAnswerError):
        for chunk in chunks:
            reader.feed(chunk)
        reader.close()


def read_response(given: tuple[str, str, list[bytes]]) -> None:
    encoding, charset, chunks = given
    with suppress(ResponseTooLargeError, UnpackError):
        body = Body(encoding, MAX_RESPONSE_BYTES)
        for chunk in chunks:
            body.add(chunk)
        decoded(body.content(), charset)


def read_duration(text: str) -> None:
    seconds(text)


TARGETS: Mapping[str, Target] = {
    "definition": Target(run=read_definition, sample=FLOW),
    "import": Target(run=read_import, sample=IMPORT),
    "expression": Target(run=use_expression, sample="${s.upper()} and ${sum(many)}"),
    "condition": Target(run=use_condition, sample='${n} == 3 and "${s}" in ("a", "text")'),
    "record": Target(
        run=take_record,
        sample=(((SCHEMA_HEADER, INSTANCE_EVENT_SCHEMA.encode()),), json.dumps(RESULT).encode()),
    ),
    "command": Target(run=take_command, sample=COMMAND),
    "inputs": Target(
        run=take_inputs, sample={"many": ["a", "b"], "rows": [{"host": "h", "port": 1}]}
    ),
    "batch": Target(run=take_batch, sample=json.dumps(BATCH).encode()),
    "answer": Target(run=read_answer, sample=[json.dumps(ANSWER).encode() + b"\n"]),
    "response": Target(run=read_response, sample=("gzip", "utf-8", [zlib.compress(b"text")])),
    "duration": Target(run=read_duration, sample="1.5h"),
}
"""All of them, by name."""
