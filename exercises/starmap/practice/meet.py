"""The work of this task, some milliseconds for each pair."""


def meet(a, b):
    """Particle a and particle b take 20,000 random steps.

    Returns how often they are at the same position.
    """
    random_a, random_b, distance, meetings = 1 + a, 1000 + b, 0, 0
    for _ in range(20_000):
        random_a = random_a * 48271 % 2147483647
        random_b = random_b * 48271 % 2147483647
        distance += random_a % 2 - random_b % 2
        meetings += distance == 0
    return meetings
