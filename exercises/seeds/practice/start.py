"""Every throw of ten dice has a random generator of its own.

    python3 seeds.py 6 2     6 throws, 2 workers

Question: why are all throws the same, and how do they become different ones,
without becoming different ones in every run? Change only dice().
"""

import random
import sys
from multiprocessing import Pool


# CHANGE HERE: `number` is that of the throw.
def dice(number):
    generator = random.Random(1)
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
