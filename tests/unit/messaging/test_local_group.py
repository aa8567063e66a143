from hypothesis import given
from hypothesis import strategies as st

from flowyard.messaging.local_group import share
from flowyard.messaging.ports import TopicPartition


def places(*numbers: int) -> frozenset[TopicPartition]:
    return frozenset(TopicPartition("t", number) for number in numbers)


def test_a_new_member_gets_its_part_and_the_rest_stays() -> None:
    shares = share(places(0, 1, 2, 3), [places(0, 1, 2, 3), places()])

    assert [sorted(mine) for mine in shares] == [sorted(places(0, 1)), sorted(places(2, 3))]


def test_what_a_member_left_behind_goes_to_the_others() -> None:
    first, second = share(places(0, 1, 2, 3, 4, 5), [places(0, 1), places(4, 5)])

    assert places(0, 1) < first
    assert places(4, 5) < second
    assert len(first) == len(second) == 3


@given(st.integers(0, 20), st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_all_is_shared_out_once_and_evenly_with_the_fewest_moves(
    count: int, owners: list[int]
) -> None:
    wanted = places(*range(count))
    members = max(owners) + 1
    holdings = [
        frozenset(
            place for place, owner in zip(sorted(wanted), owners, strict=False) if owner == me
        )
        for me in range(members)
    ]

    shares = share(wanted, holdings)

    quota, extra = divmod(count, members)
    sizes = [len(mine) for mine in shares]
    assert sum(sizes) == count
    assert frozenset[TopicPartition]().union(*shares) == wanted
    assert sorted(sizes, reverse=True) == [quota + 1] * extra + [quota] * (members - extra)
    stayed = sum(len(mine & held) for mine, held in zip(shares, holdings, strict=True))
    by_size = sorted((len(held) for held in holdings), reverse=True)
    assert stayed == sum(min(held, quota + (rank < extra)) for rank, held in enumerate(by_size))
