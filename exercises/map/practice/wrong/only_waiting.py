"""check says: only waited"""

import sys
import time
from multiprocessing import Pool

from simulate import simulate


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    numbers = range(1, count + 1)

    with Pool(workers) as pool:
        pool.map(time.sleep, [0.001 for _ in numbers])
        ends = [simulate(number) for number in numbers]

    for number, end in zip(numbers, ends):
        print(f"particle {number} ends at {end}")


if __name__ == "__main__":
    main()
