import pytest
from pydantic import ValidationError

from flowyard.contracts.plugin import Failed
from flowyard_plugin_gateway.plugins.fail import Fail, FailInputs
from tests.unit.plugin_gateway.support import context


async def test_it_fails_with_the_code_and_message_that_it_was_given() -> None:
    answer = await Fail().execute(context(), FailInputs(code="not_verified", message="No."))

    assert answer == Failed(code="not_verified", message="No.")


@pytest.mark.parametrize("code", ["", "Not Verified", "a-b"])
def test_a_code_that_is_no_stable_name_is_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        FailInputs(code=code)
