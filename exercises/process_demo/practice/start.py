"""Asks three questions about the same random numbers, one after the other.

    python3 process-demo.py 1000000     a million random numbers

Question: how do three processes give their answers back to this one?
Change only the marked lines; import Process and Value from multiprocessing.
"""

import sys

from answers import above_half, longest_gap, mean


def main():
    numbers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000

    # CHANGE HERE: one process for each call, and a Value("d") for each answer.
    # Start all three, then join all three.
    first = mean(numbers)
    second = longest_gap(numbers)
    third = above_half(numbers)

    print(f"mean        {first:.9f}")
    print(f"longest gap {second:.9f}")
    print(f"above half  {third:.9f}")


if __name__ == "__main__":
    main()
