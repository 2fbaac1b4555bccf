"""chunks: how many inputs a worker takes at once, and what that does.

A pool hands out inputs in chunks. Small chunks balance the load, but each one
costs a little to hand out. Large chunks leave workers idle: here one task
takes 20 times as long as any other. You will see the time for each chunk size.

    python3 chunks.py 32 4 3e4     32 tasks of 30,000 rounds, 4 workers
"""

import sys
import time
from multiprocessing import Pool


def one_task(rounds):
    total = 0.0
    for i in range(rounds):
        x = (i + 0.5) / rounds
        total += 4 / (1 + x * x)
    return total / rounds


def make_work(tasks, rounds):
    """The rounds of each task; one task has 20 times as many."""
    work = [rounds] * tasks
    work[tasks // 4] = 20 * rounds
    return work


def in_chunks(pool, work, chunksize):
    return pool.map(one_task, work, chunksize)


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    rounds = int(float(sys.argv[3])) if len(sys.argv) > 3 else 30_000
    if tasks < 1 or workers < 1 or rounds < 1:
        print("chunks: all numbers must be at least 1", file=sys.stderr)
        sys.exit(2)

    work = make_work(tasks, rounds)
    with Pool(workers) as pool:
        pool.map(one_task, [1] * workers, 1)  # now every worker runs
        chunksize = 1
        while chunksize <= tasks:
            begin = time.perf_counter()
            results = in_chunks(pool, work, chunksize)
            seconds = time.perf_counter() - begin
            mean = sum(results) / tasks
            print(f"mean {mean:.12f}, chunksize {chunksize}: {seconds:.4f} s")
            chunksize *= 2


# A new worker may import this file to find one_task. Without this line, the
# import would run main() again, in every worker.
if __name__ == "__main__":
    main()
