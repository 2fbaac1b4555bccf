"""The work of this task, some milliseconds for each number."""


def simulate(number):
    """A particle takes 40,000 random steps to the left or to the right.

    Every number is another particle, and the same number is always the same
    one. Returns where the particle ends; depends on nothing but its argument.
    """
    random, position = 1 + number, 0
    for _ in range(40_000):
        random = random * 48271 % 2147483647
        position += 1 if random % 2 == 0 else -1
    return position
