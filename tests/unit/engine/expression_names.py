"""What the expressions of tests may name."""

from collections.abc import Iterator, Mapping

import pytest
from typing_extensions import override

from flowyard.engine.expressions import (
    ExpressionError,
    SecretName,
    evaluate,
)


class Secrets(Mapping[str, SecretName]):
    @override
    def __getitem__(self, name: str) -> SecretName:
        return SecretName(name)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(())

    @override
    def __len__(self) -> int:
        return 0


NAMES: dict[str, object] = {
    "version": "1.4.2",
    "count": 3,
    "ratio": 0.5,
    "flag": True,
    "nothing": None,
    "hosts": ["web-1", "web-2", "db-1"],
    "nodes": {"build": {"image": "registry/app:1.4.2"}, "a-b": {"items": [1, 2]}},
    "payload": {"items": [1, 2], "get": "kept", "_id": 7, "名": "值"},
    "token": {"$secret": "TOKEN"},
    "header": {"$concat": ["Bearer ", {"$secret": "TOKEN"}]},
    "sealed": {"$sealed": "gAAAA"},
    "secrets": Secrets(),
}


def refused(expression: str, names: Mapping[str, object] = NAMES) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        evaluate(expression, names)
    return caught.value
