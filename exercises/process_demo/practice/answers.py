"""The work of this task: three questions about the same random numbers.

Each takes some tenths of a second, and needs nothing from the other two.
"""


def randoms(numbers):
    """Random numbers from 0 to 1, the same ones each time."""
    state = 1
    for _ in range(numbers):
        state = state * 48271 % 2147483647
        yield state / 2147483647


def mean(numbers):
    return sum(randoms(numbers)) / numbers


def longest_gap(numbers):
    before, longest = 0, 0
    for now in randoms(numbers):
        longest = max(longest, now - before)
        before = now
    return longest


def above_half(numbers):
    return sum(number > 0.5 for number in randoms(numbers)) / numbers
