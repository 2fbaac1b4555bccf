"""check says: gives the results in the order in which they are ready"""

import sys
from multiprocessing import Pool

from meet import meet


def meet_pair(pair):
    return meet(*pair)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2

    pairs = [(a, b) for a in range(count) for b in range(count)]
    with Pool(workers) as pool:
        meetings = list(pool.imap_unordered(meet_pair, pairs))[::-1]

    for i in range(count * count):
        print(f"{i // count} and {i % count}: {meetings[i]}")


if __name__ == "__main__":
    main()
