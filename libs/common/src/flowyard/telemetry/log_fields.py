"""The closed list of what a log line of a service may hold.

``docs/logs.md`` quotes it, and a test holds every ``extra`` in the code to it. What a
library adds to its own lines stands below ``library``, so that a collector's index
knows all names there will ever be.
"""

from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "time": "When it was written, RFC 3339 in UTC.",
    "level": "`debug`, `info`, `warning`, `error` or `critical`.",
    "service": "`api`, `scheduler`, `worker`, `plugin-gateway`, `migrate`; `dev` for all in one"
    " process.",
    "logger": "The part of the code, or the library, that says it.",
    "message": "Constant text: the same for each occurrence.",
    "trace_id": "The trace of the work in hand, 32 hexadecimal digits.",
    "span_id": "The span of the work in hand, 16 hexadecimal digits.",
    "instance_id": "The instance that it is about.",
    "node_id": "The node of that instance.",
    "attempt": "The attempt of that node, counted from 1.",
    "step": "The step of that attempt, counted from 0.",
    "plugin": "The plugin that runs, with its version: `http_request@1.0`.",
    "project": "The project that it is about.",
    "about": "At most 10 of the steps that a line is about together, each with its ids.",
    "request_id": "The HTTP request, as the answer's `X-Request-ID` names it.",
    "method": "Of the HTTP request.",
    "path": "Of the HTTP request, without its query.",
    "status": "Of the HTTP answer, or of an instance.",
    "revision": "Of the instance, once it is stored.",
    "seconds": "How long it took.",
    "outcome": "What a step ended with.",
    "code": "The stable name of a failure.",
    "reason": "Why, in the words of whoever refused; or what a node waits for.",
    "exception": "The traceback, where an exception was the cause; lines in one text.",
    "traceback": "The same of a plugin's code, without the secrets of its step.",
    "retry_seconds": "How long until the next try.",
    "age_seconds": "How old it is.",
    "needed": "What a start waits for.",
    "count": "How many.",
    "queue": "The queue of steps.",
    "queues": "The queues that a worker takes from.",
    "topic": "Of a Kafka record.",
    "partition": "Of a Kafka record.",
    "partitions": "Of Kafka: which, or how many.",
    "offset": "Of a Kafka record.",
    "broker_id": "The topic's id, by which a broker that was made anew is recognized.",
    "gateway": "Address of a plugin gateway.",
    "boot_id": "A plugin gateway's process, as claims name it.",
    "url": "Where a service listens.",
    "server": "What a migration waits for.",
    "archive": "The file of an archive.",
    "mode": "What becomes of ended instances: `archive` or `delete`.",
    "secret": "The name of a secret, never its value.",
    "entry_point": "Where a plugin's code is found.",
    "sqlstate": "What Postgres calls an error.",
    "schema_revision": "Of the database's schema.",
    "phase": "Of an upgrade: `expand` or `contract`.",
    "signal": "What a process was told.",
    "library": "What a library has added to a line of its own, by name.",
}
"""What each field means, keyed by its name, in the order in which a reader needs them."""


def fields_table() -> str:
    """Return the list as a table in Markdown."""
    rows = [f"| `{name}` | {text} |" for name, text in FIELDS.items()]
    return "\n".join(["| field | meaning |", "| --- | --- |", *rows])
