"""pi_parallel: the sum of pi_serial, shared out to a pool of workers.

Worker `rank` adds every strip from `rank` on in steps of `workers`. The inputs
are tuples (rank, workers, steps). You will see one partial sum from each
worker; their sum is pi.

    python3 pi_parallel.py 1e6 4     a million steps, 4 workers
"""

import math
import sys
import time
from multiprocessing import Pool


def partial_pi(rank, workers, steps):
    total = 0.0
    for i in range(rank, steps, workers):
        x = (i + 0.5) / steps  # the middle of strip i
        total += 4 / (1 + x * x)
    return total / steps


def partial_sums(pool, workers, steps):
    shares = [(rank, workers, steps) for rank in range(workers)]
    return pool.starmap(partial_pi, shares, chunksize=1)


def main():
    steps = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    if steps < 1 or workers < 1:
        print("pi_parallel: both numbers must be at least 1", file=sys.stderr)
        sys.exit(2)

    begin = time.perf_counter()
    with Pool(workers) as pool:
        partial = partial_sums(pool, workers, steps)
    pi = sum(partial)
    seconds = time.perf_counter() - begin
    for rank in range(workers):
        print(f"rank {rank}: partial sum {partial[rank]:.15f}")
    print(f"pi    {pi:.15f}")
    print(f"error {abs(pi - math.pi):.1e}")
    print(f"time  {seconds:.3f} s")


# A new worker may import this file to find partial_pi. Without this line, the
# import would run main() again, in every worker.
if __name__ == "__main__":
    main()
