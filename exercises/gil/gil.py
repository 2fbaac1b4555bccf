"""gil: one lock for the whole interpreter, and what it means for threads.

Some tasks compute, then some tasks wait, for as long as one of them computed:
one by one, in threads, and in processes. You will see that threads under the
global interpreter lock (GIL) take turns to compute, but wait at the same time.
Each process has its own interpreter, so processes do both in parallel.

    python3 gil.py 2 3e6     2 tasks of 3,000,000 rounds
"""

import sys
import time
from functools import partial
from multiprocessing import Process
from threading import Thread


def compute(rounds):
    total = 0.0
    for i in range(rounds):
        x = (i + 0.5) / rounds
        total += 4 / (1 + x * x)
    return total / rounds


def one_by_one(tasks, task):
    for _ in range(tasks):
        task()


def in_threads(tasks, task):
    start_and_join([Thread(target=task) for _ in range(tasks)])


def in_processes(tasks, task):
    start_and_join([Process(target=task) for _ in range(tasks)])


def start_and_join(all_tasks):
    for each in all_tasks:
        each.start()
    for each in all_tasks:
        each.join()


def seconds(way, tasks, task):
    begin = time.perf_counter()
    way(tasks, task)
    return time.perf_counter() - begin


def has_lock():
    """Python always had the lock until 3.13; now it can be built without."""
    return not hasattr(sys, "_is_gil_enabled") or sys._is_gil_enabled()


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rounds = int(float(sys.argv[2])) if len(sys.argv) > 2 else 3_000_000
    if tasks < 1 or rounds < 1:
        print("gil: TASKS and ROUNDS must be at least 1", file=sys.stderr)
        sys.exit(2)

    print(f"each task computes {compute(rounds):.12f}")
    computing = partial(compute, rounds)
    waiting = partial(time.sleep, seconds(one_by_one, 1, computing))
    ways = {
        "one by one": one_by_one,
        "threads, one lock" if has_lock() else "threads, no lock": in_threads,
        "processes": in_processes,
    }
    for name, way in ways.items():
        computed = seconds(way, tasks, computing)
        waited = seconds(way, tasks, waiting)
        print(f"{name}: compute {computed:.2f} s, wait {waited:.2f} s")


# A child may import this file to find compute. Without this line, the import
# would run main() again, in every child.
if __name__ == "__main__":
    main()
