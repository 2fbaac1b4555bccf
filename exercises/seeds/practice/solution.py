"""Every throw of ten dice has a random generator and a seed of its own."""

import random
import sys
from multiprocessing import Pool


def dice(number):
    generator = random.Random(1 + number)
    throw = [generator.randint(1, 6) for _ in range(10)]
    return f"throw {number}: " + " ".join(str(die) for die in throw)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with Pool(workers) as pool:
        for line in pool.map(dice, range(count)):
            print(line)


if __name__ == "__main__":
    main()
