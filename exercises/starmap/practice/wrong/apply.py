"""check says: waits for its result before it hands out the next pair"""

import sys
from multiprocessing import Pool

from meet import meet


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2

    meetings = []
    with Pool(workers) as pool:
        for a in range(count):
            for b in range(count):
                meetings.append(pool.apply(meet, (a, b)))

    for i in range(count * count):
        print(f"{i // count} and {i % count}: {meetings[i]}")


if __name__ == "__main__":
    main()
