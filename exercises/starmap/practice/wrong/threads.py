"""check says: In Python, threads take turns"""

import sys
from multiprocessing.pool import ThreadPool

from meet import meet


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2

    pairs = [(a, b) for a in range(count) for b in range(count)]
    with ThreadPool(workers) as pool:
        meetings = pool.starmap(meet, pairs)

    for i in range(count * count):
        print(f"{i // count} and {i % count}: {meetings[i]}")


if __name__ == "__main__":
    main()
