"""Both sides of a ratio in turn, and what a busy machine has spoilt.

A round measures the bare side, then ours, then the bare side again. A bare side that has changed between tells of others' work on the
machine: the round is spoilt, and another one is measured in its place. A figure is spoilt when too few rounds were not.
"""
STEADY = 1.15  # the dearer bare side ÷ the cheaper one
AGAIN = 3  # times as many rounds as were asked for, at most

spoilt = []  # figures, in the order of their measurement


def unsteady(before, after, idle):
    """By how much the bare figures differ, the worst of them; also from what an idle machine has, where that is known."""
    return max(max(v) / min(v) for k in before for v in [[before[k], after[k], *([idle[k]] if k in idle else [])]])


def rounds(n, figures, bare, ours, idle=None):
    """n rounds as pairs: what ours() gave, and the mean of what bare() gave before and after it, a dict of numbers above 0.

    idle: bare figures of an idle machine by their names. figures: the names of what is computed from the rounds.
    """
    done = []
    while sum(r[0] <= STEADY for r in done) < n and len(done) < AGAIN * n:
        before, got, after = bare(), ours(), bare()
        done.append((unsteady(before, after, idle or {}), got, {k: (before[k] + after[k]) / 2 for k in before}))
    best = sorted(done, key=lambda r: r[0])[:n]
    if best[-1][0] > STEADY:
        spoilt.extend(figures)
    return [(got, mean) for _, got, mean in best]
