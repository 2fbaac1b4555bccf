"""check says: In Python, threads take turns"""

import sys
from concurrent.futures import ThreadPoolExecutor

from simulate import simulate


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    numbers = range(1, count + 1)

    with ThreadPoolExecutor(workers or 1) as pool:
        ends = list(pool.map(simulate, numbers))

    for number, end in zip(numbers, ends):
        print(f"particle {number} ends at {end}")


if __name__ == "__main__":
    main()
