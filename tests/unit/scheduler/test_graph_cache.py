from flowyard.ids import new_id
from flowyard.testing.graphs import chain
from flowyard_scheduler.graph_cache import GraphCache, GraphKey, estimated_bytes

SIZE = estimated_bytes(chain(10))


def filled(count: int, *, room: float) -> tuple[GraphCache, list[GraphKey]]:
    cache = GraphCache(max_bytes=int(room * SIZE))
    keys = [(new_id(), 1) for _ in range(count)]
    for key in keys:
        cache[key] = chain(10)
    return cache, keys


def test_the_longest_unused_graph_goes_first_and_the_others_stay() -> None:
    cache, keys = filled(3, room=3.5)
    assert cache.get(keys[0]) is not None

    cache[new_id(), 1] = chain(10)

    assert keys[1] not in cache
    assert keys[0] in cache
    assert keys[2] in cache


def test_its_size_is_bounded_by_bytes_whatever_the_number_of_graphs() -> None:
    cache, _ = filled(20, room=5.5)

    assert len(cache) == 5
    assert cache.size_bytes <= 5.5 * SIZE


def test_one_graph_is_kept_although_it_is_too_large_alone() -> None:
    cache, keys = filled(2, room=0.5)

    assert list(cache) == keys[1:]


def test_a_graph_that_is_stored_again_counts_once() -> None:
    cache, keys = filled(1, room=5)

    cache[keys[0]] = chain(10)
    del cache[keys[0]]

    assert cache.size_bytes == 0


def test_texts_that_people_wrote_count() -> None:
    assert estimated_bytes(chain(100)) > 5 * SIZE
