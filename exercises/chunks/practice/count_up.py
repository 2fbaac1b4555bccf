"""The work of this task."""


def count_up(size):
    """Counts up to `size`. Most sizes are tiny."""
    number = 0
    for _ in range(size):
        number += 1
    return number
