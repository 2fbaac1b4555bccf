"""concurrency: tasks that overlap, and tasks that run at the same moment.

Some tasks run one by one, then all at once. All at once, their steps
interleave: the tasks are concurrent. The clock tells whether they also run in
parallel: on two CPUs they take half the wall-clock time. The CPU time stays
the same.

    python3 concurrency.py 2 1e6                 2 tasks of 4 steps
    taskset -c 0 python3 concurrency.py 2 1e6    the same, on one CPU
"""

import sys
import time
from multiprocessing import Process, Value


def step(rounds):
    total = 0.0
    for i in range(rounds):
        x = (i + 0.5) / rounds
        total += 4 / (1 + x * x)
    return total / rounds


def four_steps(number, rounds, cpu_time):
    begin = time.process_time()
    for i in range(1, 5):
        print(f"  task {number}, step {i}: {step(rounds):.12f}", flush=True)
    with cpu_time:  # a Value comes with a lock
        cpu_time.value += time.process_time() - begin


def one_by_one(tasks, rounds, cpu_time):
    for number in range(1, tasks + 1):
        four_steps(number, rounds, cpu_time)


def all_at_once(tasks, rounds, cpu_time):
    processes = [
        Process(target=four_steps, args=(number, rounds, cpu_time))
        for number in range(1, tasks + 1)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def run(name, way, tasks, rounds):
    print(f"{name}:")
    cpu_time = Value("d")
    begin = time.perf_counter()
    way(tasks, rounds, cpu_time)
    wall, cpu = time.perf_counter() - begin, cpu_time.value
    print(f"{name} took {wall:.2f} s wall-clock time, {cpu:.2f} s CPU time")


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rounds = int(float(sys.argv[2])) if len(sys.argv) > 2 else 1_000_000
    if tasks < 1 or rounds < 1:
        print("concurrency: both numbers must be at least 1", file=sys.stderr)
        sys.exit(2)

    run("one by one", one_by_one, tasks, rounds)
    run("all at once", all_at_once, tasks, rounds)


# A child may import this file to find four_steps. Without this line, the
# import would run main() again, in every child.
if __name__ == "__main__":
    main()
