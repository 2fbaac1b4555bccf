"""check says: The chunks are still tiny"""

import sys
from multiprocessing import Pool

from count_up import count_up


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    sizes = [1000] * count + [250 * count]
    with Pool(workers) as pool:
        chunksize = 1
        total = sum(pool.imap(count_up, sizes, chunksize))

    print(total)


if __name__ == "__main__":
    main()
