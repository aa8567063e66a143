import asyncio

from flowyard_plugin_gateway.stream import StepStream


async def test_lines_that_are_ready_at_the_same_time_go_out_in_one_chunk() -> None:
    stream = StepStream(expected=2)
    chunks = aiter(stream.chunks())
    first = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)

    stream.say(b"a")
    stream.finish(b"b")

    assert await first == b"ab"
    stream.finish(b"c")
    assert [chunk async for chunk in chunks] == [b"c"]


async def test_an_empty_batch_has_an_empty_answer() -> None:
    assert [chunk async for chunk in StepStream(expected=0).chunks()] == []


async def test_a_reader_that_goes_away_closes_the_stream() -> None:
    stream = StepStream(expected=1)
    chunks = stream.chunks()
    stream.say(b"a")
    await anext(chunks)

    await chunks.aclose()

    assert not stream.is_open
