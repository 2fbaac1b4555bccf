"""Where do these particles end? This program computes one after the other.

    python3 map.py 100 2     100 particles, 2 workers

Question: can the workers of a pool compute them at the same time?
Change only the marked loop, and import Pool from multiprocessing.
"""

import sys

from simulate import simulate


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    numbers = range(1, count + 1)

    # CHANGE HERE: let a pool of `workers` processes map simulate over them.
    ends = [simulate(number) for number in numbers]

    for number, end in zip(numbers, ends):
        print(f"particle {number} ends at {end}")


if __name__ == "__main__":
    main()
