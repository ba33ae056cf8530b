#!/usr/bin/python3 -B
"""steady.py alone: which rounds count, which figures it names."""
import steady


def run(n, bares, idle=None):
    """Rounds whose bare side is as listed: each round takes two of them."""
    bares, ours = iter(bares), iter(range(100))
    steady.spoilt.clear()
    got = steady.rounds(n, ["figure"], lambda: {"bare": next(bares)}, lambda: next(ours), idle)
    return [(us, mean["bare"]) for us, mean in got], list(steady.spoilt)


assert run(2, [10, 10, 10, 11]) == ([(0, 10), (1, 10.5)], [])
assert run(2, [10, 12, 10, 10, 10, 10]) == ([(1, 10), (2, 10)], []), "a spoilt round is measured again"
assert run(1, [12, 10, 20, 10, 10, 13]) == ([(0, 11)], ["figure"]), "the best of those there are, and the figure is named"
assert run(1, [3, 3, 1, 1], {"bare": 1}) == ([(1, 1)], []), "a machine that is busy all the time"
