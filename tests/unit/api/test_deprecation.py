from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

import pytest

from flowyard_api.deprecation import (
    LEAST_NOTICE,
    Deprecation,
    deprecated,
    deprecation_headers,
    deprecation_of,
)

SINCE, UNTIL = date(2027, 1, 10), date(2027, 8, 1)
SEE = "https://flowyard.example/docs/api#old"


def test_the_headers_are_those_of_the_two_rfcs() -> None:
    headers = Deprecation(since=SINCE, until=UNTIL, see=SEE).headers()

    since = int(headers["Deprecation"].removeprefix("@"))
    assert datetime.fromtimestamp(since, UTC).date() == SINCE
    assert parsedate_to_datetime(headers["Sunset"]).date() == UNTIL
    assert headers["Sunset"].endswith("GMT")
    assert headers["Link"] == f'<{SEE}>; rel="deprecation"; type="text/html"'


def test_what_a_route_declares_is_what_openapi_is_told() -> None:
    declared = deprecated(since=SINCE, until=UNTIL, see=SEE, extra={"x-other": 1})

    assert declared["deprecated"] is True
    assert declared["openapi_extra"]["x-other"] == 1
    assert deprecation_of(declared["openapi_extra"]) == Deprecation(
        since=SINCE, until=UNTIL, see=SEE
    )


def test_less_notice_than_the_policy_gives_is_refused() -> None:
    shortest = SINCE + LEAST_NOTICE
    deprecated(since=SINCE, until=shortest, see=SEE)

    with pytest.raises(ValueError, match="Expected at least 180 days of notice, but got 179"):
        deprecated(since=SINCE, until=date.fromordinal(shortest.toordinal() - 1), see=SEE)


def test_a_request_that_reached_no_route_carries_nothing() -> None:
    assert deprecation_headers({}) == {}
