# The same sum, shared out to a pool: python3 pi_parallel.py STEPS PROCESSES
import json
import multiprocessing
import signal
import sys
import time


def partial_pi(rank, processes, steps):
    total = 0.0
    for i in range(rank, steps, processes):
        x = (i + 0.5) / steps
        total += 4 / (1 + x * x)
    return total / steps


if __name__ == "__main__":
    steps, processes = int(sys.argv[1]), int(sys.argv[2])
    context = multiprocessing.get_context("fork")  # the quickest start, and the same in every version
    with context.Pool(processes, signal.signal, (signal.SIGTERM, signal.SIG_DFL)) as pool:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaving `with` ends the workers
        begin = time.perf_counter()
        partials = pool.starmap(partial_pi, [(rank, processes, steps) for rank in range(processes)])
        work = time.perf_counter() - begin
        pool.close()
        pool.join()
    print(json.dumps({"pi": sum(partials), "timings": [{"name": "work", "wall_s": work}]}))
