"""check says: In Python, threads take turns"""

import sys
from multiprocessing.pool import ThreadPool


def compute(value):
    total = 0
    for number in range(100_000):
        total += number % value
    return total


inputs = list(range(1, 101))


def serial():
    return [compute(value) for value in inputs]


def parallel():
    with ThreadPool(2) as pool:
        return pool.map(compute, inputs)


if __name__ == "__main__":
    for result in parallel() if sys.argv[1:] == ["parallel"] else serial():
        print(f"{result:.12g}")
