"""A loop of your own: an empty frame.

    python3 your-own.py serial     the loop, one input after the other
    python3 your-own.py parallel   the same by the workers of a pool
"""

import sys


# CHANGE HERE 1: what your loop computes for one input; some milliseconds.
def compute(value):
    return value * value


# CHANGE HERE 2: the inputs; enough for half a second in the serial loop.
inputs = [1, 2, 3, 4, 5, 6, 7]


def serial():
    return [compute(value) for value in inputs]


# CHANGE HERE 3: the same results by the workers of a pool.
def parallel():
    return serial()


if __name__ == "__main__":
    for result in parallel() if sys.argv[1:] == ["parallel"] else serial():
        print(f"{result:.12g}")
