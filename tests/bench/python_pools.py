#!/usr/bin/env python3
"""Times Python's two process pools on work that mpbench gives to the engine. Prints one JSON line for each pool and work.

    python3 tests/bench/python_pools.py [--workers N] [--repeats N]

The pools take turns in each repeat; a result that is wrong ends the program. Units are those of mpbench.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor

TRIPS, CALLS, SINGLES, ITEMS = 500, 5_000, 5_000, 1_000_000


def successor(number):
    return number + 1


def to_celsius(fahrenheit):
    return (fahrenheit - 32) * (5 / 9)


def seconds(work):
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def check(right, what):
    if not right:
        sys.exit(f"python_pools: {what} gave a wrong result")


class Pool:
    """multiprocessing.Pool, with the names of the workloads."""
    name = "multiprocessing.Pool"

    def __init__(self, workers):
        self.pool = multiprocessing.Pool(workers)

    def one(self, number):
        return self.pool.apply(successor, (number,))

    def calls(self, items):
        return [pending.get() for pending in [self.pool.apply_async(to_celsius, (item,)) for item in items]]

    def map(self, items, chunksize=None):
        return self.pool.map(to_celsius, items, chunksize)

    def stop(self):
        self.pool.close()
        self.pool.join()


class Executor:
    """concurrent.futures.ProcessPoolExecutor, likewise; its map does not choose chunks."""
    name = "concurrent.futures"

    def __init__(self, workers):
        self.workers = workers
        self.pool = ProcessPoolExecutor(workers)

    def one(self, number):
        return self.pool.submit(successor, number).result()

    def calls(self, items):
        return [pending.result() for pending in [self.pool.submit(to_celsius, item) for item in items]]

    def map(self, items, chunksize=None):
        return list(self.pool.map(to_celsius, items, chunksize=chunksize or len(items) // (4 * self.workers) + 1))

    def stop(self):
        self.pool.shutdown()


def roundtrip(pool, _):
    took, results = seconds(lambda: [pool.one(i) for i in range(TRIPS)])
    check(results == list(range(1, TRIPS + 1)), "a round trip")
    return took / TRIPS * 1e6


def mapped(name, count, work):
    """Items per second in millions, of `work(pool, items)`."""
    def measure(pool, items):
        items = items[:count]
        took, results = seconds(lambda: work(pool, items))
        check(results == [to_celsius(item) for item in items], name)
        return count / took / 1e6
    return measure


WORK = {
    "roundtrip": ("us", roundtrip),
    "chunksize-1-copied": ("M/s", mapped("map", SINGLES, lambda pool, items: pool.map(items, 1))),
    "apply-async": ("M/s", mapped("apply_async", CALLS, lambda pool, items: pool.calls(items))),
    "map-vector": ("M/s", mapped("map", ITEMS, lambda pool, items: pool.map(items))),
}


def start_and_stop(kind):
    def cycle():
        pool = kind(4)
        check(pool.one(1) == 2, "the first task")  # ProcessPoolExecutor starts its workers only then
        pool.stop()
    return seconds(cycle)[0] * 1e3


def show(pool, workload, unit, samples):
    print(json.dumps({"pool": pool, "workload": workload, "unit": unit, "median": statistics.median(samples),
                      "samples": samples}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    kinds = [Pool, Executor]

    samples = {kind.name: [] for kind in kinds}
    for _ in range(given.repeats):
        for kind in kinds:
            samples[kind.name].append(start_and_stop(kind))
    for name, values in samples.items():
        show(name, "start-stop", "ms", values)

    items = [32.0 + i % 68 for i in range(ITEMS)]
    pools = [kind(given.workers) for kind in kinds]
    for workload, (unit, measure) in WORK.items():
        samples = {pool.name: [] for pool in pools}
        for pool in pools:
            measure(pool, items)  # warms up
        for _ in range(given.repeats):
            for pool in pools:
                samples[pool.name].append(measure(pool, items))
        for name, values in samples.items():
            show(name, workload, unit, values)
    for pool in pools:
        pool.stop()


if __name__ == "__main__":
    main()
