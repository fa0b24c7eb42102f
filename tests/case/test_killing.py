from case.killing import rounds


def test_nothing_acknowledged_is_lost_when_the_process_is_killed() -> None:
    tally, lost = rounds(8, seed=7)
    assert lost == []
    assert tally["kills"] == 8
    assert tally["event"] > 50
