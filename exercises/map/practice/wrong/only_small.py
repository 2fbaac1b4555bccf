"""check says: For the timed run"""

import sys
from multiprocessing import Pool

from simulate import simulate


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    numbers = range(1, min(count, 8) + 1)

    with Pool(workers) as pool:
        ends = pool.map(simulate, range(1, count + 1))

    for number, end in zip(numbers, ends):
        print(f"particle {number} ends at {end}")


if __name__ == "__main__":
    main()
