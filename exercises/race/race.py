"""race: threads add to one count at once, and the count comes out too low.

Adding one takes three steps: read, add, write. If two threads interleave these
steps, an update is lost. Today's Python switches threads only at a few places,
such as the start of a function, so this program calls a function between read
and write. You will see the count without a lock, then with a lock, then with
one count for each thread.

    python3 race.py 1000000 2     1,000,000 updates by each of 2 threads
"""

import sys
from threading import Lock, Thread

lock = Lock()


def plus_one(number):
    return number + 1


def careless(counts, index, updates):
    for _ in range(updates):
        seen = counts[index]  # read
        counts[index] = plus_one(seen)  # add, write


def with_lock(counts, index, updates):
    for _ in range(updates):
        with lock:  # one thread at a time
            counts[index] = plus_one(counts[index])


def run(name, function, indices, updates):
    counts = [0] * len(indices)
    threads = [
        Thread(target=function, args=(counts, index, updates))
        for index in indices
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = len(threads) * updates
    print(f"{name}: counted {sum(counts)} of {expected}")


def main():
    updates = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    if updates < 1 or threads < 1:
        print("race: UPDATES and THREADS must be at least 1", file=sys.stderr)
        sys.exit(2)

    shared = [0] * threads  # all threads use the count with index 0
    run("without a lock", careless, shared, updates)
    run("with a lock", with_lock, shared, updates)
    run("one count for each thread", careless, range(threads), updates)


if __name__ == "__main__":  # so that these functions can also be imported
    main()
