"""price: what a call, a lock, a task, a thread, and a process cost.

Each is repeated many times. You will see the median of several such runs,
for one operation. It tells how large a chunk must be, and why you keep a pool.

    python3 price.py 5 2     5 runs of each, 2 workers in the pool
"""

import math
import statistics
import sys
import time
from functools import partial
from multiprocessing import Pool, Process
from threading import Lock, Thread

lock = Lock()


def nothing(_=None):
    pass


def calls(number):
    x = 1.0
    for _ in range(number):
        x = math.cos(x)
    return x


def locks(number):
    for _ in range(number):
        with lock:
            pass


def threads(number):
    for _ in range(number):
        thread = Thread(target=nothing)
        thread.start()
        thread.join()


def processes(number):
    for _ in range(number):
        process = Process(target=nothing)
        process.start()
        process.join()


def pool_items(pool, number):
    pool.map(nothing, range(number))


def pool_tasks(pool, number):
    for _ in range(number):
        pool.apply(nothing)


def price(name, repeats, operate, number):
    """Print the median time of an operation; operate does `number` of them."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        operate(number)
        times.append((time.perf_counter() - begin) / number)
    print(f"{name}: {1e6 * statistics.median(times):.3f} us")


def main():
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    if repeats < 1 or workers < 1:
        print("price: REPEATS and WORKERS must be at least 1", file=sys.stderr)
        sys.exit(2)

    print(f"x = cos(x), a hundred times: {calls(100):.12f}")
    with Pool(workers) as pool:
        price("a function call", repeats, calls, 100_000)
        price("a lock that is free", repeats, locks, 100_000)
        price("an item of a map", repeats, partial(pool_items, pool), 100_000)
        price("a task in a pool", repeats, partial(pool_tasks, pool), 100)
        price("a thread", repeats, threads, 100)
        price("a process", repeats, processes, 2)


# A new worker may import this file to find nothing(). Without this line, the
# import would run main() again, in every worker.
if __name__ == "__main__":
    main()
