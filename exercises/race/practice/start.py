"""Several threads count together, and lose some of their updates.

    python3 race.py 500000 2     500,000 updates by each of 2 threads

How is the count right without being slower than one thread? Change only
count() and the variables it uses. Lock is in threading, too.
"""

import sys
from threading import Thread
from count import plus_one

total = 0


# CHANGE HERE: between reading and writing, another thread adds one, too.
def count(updates):
    global total
    for _ in range(updates):
        total = plus_one(total)


number = int(sys.argv[2]) if len(sys.argv) > 2 else 2
each = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
threads = [Thread(target=count, args=(each,)) for _ in range(number)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"counted {total}")
