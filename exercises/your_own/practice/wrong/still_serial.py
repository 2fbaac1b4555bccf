"""check says: parallel() still calls serial()"""

import sys


def compute(value):
    total = 0
    for number in range(100_000):
        total += number % value
    return total


inputs = list(range(1, 101))


def serial():
    return [compute(value) for value in inputs]


def parallel():
    return serial()


if __name__ == "__main__":
    for result in parallel() if sys.argv[1:] == ["parallel"] else serial():
        print(f"{result:.12g}")
