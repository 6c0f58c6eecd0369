"""Entries whose unit may enter again: by hand, and what the chances must be where all are followed to the end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.stats.illness_death import Passed, chances
from funnelcli.stats.survival import Ended

WINDOW = 10


def test_worked_by_hand() -> None:
    """Of 4 one enters again at 2 and comes at 4; of the 3 others one comes at 6.

    Who is known to wait alone at 3 comes by a third. Of whom that is not known one in 4 is not alone, and comes.
    """
    alone = Ended(Counter({6: 1}), Counter(), Counter({WINDOW: 2}))
    passed = Passed(alone, Ended(Counter({4: 1}), Counter(), Counter()), Counter({2: 1}))
    found = chances(passed, [0, 3, 7], 0)
    assert [found[age].alone for age in (0, 3, 7)] == pytest.approx([1 / 2, 1 / 3, 0])
    assert [found[age].again for age in (3, 7)] == [1, 0]
    assert chances(passed, [3], 2)[3].alone == pytest.approx(3 / 4 * 1 / 3 + 1 / 4)


ENTRIES = st.lists(
    st.tuples(st.sampled_from(["came", "lost", "waits"]), st.integers(1, WINDOW), st.integers(1, WINDOW)), min_size=1
)


@given(ENTRIES)
def test_where_all_are_followed_at_first_it_is_the_share_that_came(entries: list[tuple[str, int, int]]) -> None:
    """Aalen and Johansen: what nobody is lost from sight of is what is counted."""
    alone, again = (Ended(Counter(), Counter(), Counter()) for _ in range(2))
    until: Counter[int] = Counter()
    for how, ended, entered in entries:
        age = WINDOW if how == "waits" else ended
        own = again if entered < age else alone
        {"came": own.came, "lost": own.lost, "waits": own.waiting}[how][age] += 1
        until[entered] += entered < age
    found = chances(Passed(alone, again, +until), [0], 0)[0].alone
    assert found == pytest.approx(sum(how == "came" for how, _, _ in entries) / len(entries))
