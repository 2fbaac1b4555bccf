"""check says: In Python, threads take turns"""

import sys
from multiprocessing.pool import ThreadPool


def add_strips(first, end, stride, strips):
    total = 0.0
    for i in range(first, end, stride):
        x = (i + 0.5) / strips
        total += 4 / (1 + x * x)
    return total / strips


def main():
    strips = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    parts = [(first, strips, workers, strips) for first in range(workers)]
    with ThreadPool(workers) as pool:
        pi = sum(pool.starmap(add_strips, parts))

    print(f"pi {pi:.9f}")


if __name__ == "__main__":
    main()
