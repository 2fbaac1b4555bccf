#!/usr/bin/env python3
"""Compares the pool over MPI with mpi4py.futures, alternately: ranks.py [--repeats 10] [--steps 1e10] [--many]

Needs build/release/bench_ranks (cmake --build build/release --target bench_ranks) and a Python with mpi4py. Both run
under mpirun, rank 0 handing out to two others. --many: the cost of a chunk at rank 0, for two to sixteen ranks.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

PEER = textwrap.dedent("""
    import json, time
    from mpi4py.futures import MPIPoolExecutor

    def identity(i):
        return i

    if __name__ == "__main__":
        def seconds(work):
            begin = time.perf_counter()
            work()
            return time.perf_counter() - begin
        with MPIPoolExecutor() as pool:
            for i in range(100):
                pool.submit(identity, i).result()
            def calls():
                for i in range(1000):
                    pool.submit(identity, i).result()
            one_by_one = seconds(lambda: list(pool.map(identity, [1] * 10000)))
            chunked = seconds(lambda: list(pool.map(identity, [1] * 500000, chunksize=10000)))
            def submitted():
                for each in [pool.submit(identity, i) for i in range(10000)]:
                    each.result()
            print(json.dumps({"round_trip_us": seconds(calls) * 1e3, "items_per_s_one_by_one": 10000 / one_by_one,
                              "items_per_s_automatic": 500000 / chunked, "calls_per_s": 10000 / seconds(submitted)}))
    """)


def under_mpirun(ranks, *words):
    command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks), *words]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT,
                                     stdin=subprocess.DEVNULL).stdout)


def median(samples, name):
    return statistics.median(sample[name] for sample in samples)


def many(program):
    print(f"{'ranks':>5} {'us of CPU a chunk':>18} {'us by the clock':>16}")
    for ranks in (2, 3, 4, 6, 8, 12, 16):
        samples = [under_mpirun(ranks, program, "--chunks") for _ in range(5)]
        print(f"{ranks:>5} {median(samples, 'cpu_us_per_chunk'):>18.2f} {median(samples, 'wall_us_per_chunk'):>16.2f}")


def beside(program, options, script):
    ours, peer = [], []
    for repeat in range(options.repeats):
        for each in ((ours, peer) if repeat % 2 == 0 else (peer, ours)):
            each.append(under_mpirun(3, program, options.steps) if each is ours else
                        under_mpirun(3, options.python, "-m", "mpi4py.futures", script))
    print(f"{'':34}{'mp':>12}{'mpi4py':>12}{'ratio':>9}   median of {options.repeats} in turn")
    for name, words, better in (("round_trip_us", "a call there and back, us", min),
                                ("items_per_s_one_by_one", "items a second, one by one", max),
                                ("items_per_s_automatic", "items a second, in chunks", max),
                                ("calls_per_s", "calls a second, all submitted first", max)):
        a, b = median(ours, name), median(peer, name)
        print(f"{words:34}{a:>12,.1f}{b:>12,.1f}{(a / b if better is max else b / a):>8.1f}x")
    ratios = [sample["pi_s"] / sample["pi_s_processes"] for sample in ours]
    print(f"pi {options.steps}: two ranks {median(ours, 'pi_s'):.3f} s, two processes {median(ours, 'pi_s_processes'):.3f} s, "
          f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--steps", default="1e10")
    parser.add_argument("--python", default="/usr/bin/python3", help="one that has mpi4py")
    parser.add_argument("--many", action="store_true")
    options = parser.parse_args()
    program = str(ROOT / "build/release/bench_ranks")
    if not Path(program).exists():
        sys.exit("ranks.py: there is no build/release/bench_ranks; cmake --build build/release --target bench_ranks")
    if options.many:
        many(program)
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".py") as script: # workers import it by its file
            script.write(PEER)
            script.flush()
            beside(program, options, script.name)


main()
