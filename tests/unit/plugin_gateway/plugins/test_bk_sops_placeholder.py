from flowyard.contracts.plugin import Failed
from flowyard_plugin_gateway.plugins.bk_sops_placeholder import (
    BkSopsPlaceholder,
    BkSopsPlaceholderInputs,
)
from tests.unit.plugin_gateway.support import context


async def test_it_fails_and_names_the_component_that_it_stands_for() -> None:
    inputs = BkSopsPlaceholderInputs(code="job_push", version="v2", data={"path": ["a"]})

    answer = await BkSopsPlaceholder().execute(context(), inputs)

    assert isinstance(answer, Failed)
    assert answer.code == "unmapped_plugin"
    assert "job_push v2" in answer.message


async def test_it_fails_without_inputs_too() -> None:
    answer = await BkSopsPlaceholder().execute(context(), BkSopsPlaceholderInputs())

    assert isinstance(answer, Failed)
