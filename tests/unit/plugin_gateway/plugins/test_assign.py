from flowyard_plugin_gateway.plugins.assign import Assign, AssignInputs
from tests.unit.plugin_gateway.support import context


async def test_every_value_becomes_an_output_of_its_own_with_its_type_kept() -> None:
    values = {"image": "registry/app:1", "replicas": 3, "zones": ["a", {"b": None}]}

    answer = Assign().answer(context(), AssignInputs.model_validate({"values": values}))

    assert answer.outputs.model_dump(mode="json") == values
