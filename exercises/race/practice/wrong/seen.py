"""check says: Updates are lost"""

import sys
from threading import Thread

from count import plus_one

total = 0


def count(updates):
    global total
    for _ in range(updates):
        seen = total
        total = plus_one(seen)


number = int(sys.argv[2]) if len(sys.argv) > 2 else 2
each = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
threads = [Thread(target=count, args=(each,)) for _ in range(number)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"counted {total}")
