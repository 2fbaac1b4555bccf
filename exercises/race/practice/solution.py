"""Several threads count together, each for itself until the end."""

import sys
from threading import Lock, Thread

from count import plus_one

total = 0
lock = Lock()


def count(updates):
    global total
    own = 0
    for _ in range(updates):
        own = plus_one(own)
    with lock:  # once
        total += own


number = int(sys.argv[2]) if len(sys.argv) > 2 else 2
each = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
threads = [Thread(target=count, args=(each,)) for _ in range(number)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"counted {total}")
