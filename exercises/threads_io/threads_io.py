"""threads_io: threads speed up waiting.

Some tasks each wait, as if for a disk, a web page, or a database: first in a
loop, then in one thread each. You will see a line as each task ends: one after
the other in the loop, all at about the same time with threads.

    python3 threads_io.py 8 2     8 tasks that wait 2 seconds each
"""

import sys
import time
from threading import Thread


def in_a_loop(tasks, task):
    for number in range(1, tasks + 1):
        task(number)


def one_thread_each(tasks, task):
    numbers = range(1, tasks + 1)
    threads = [Thread(target=task, args=(number,)) for number in numbers]
    for thread in threads:  # start all of them
        thread.start()
    for thread in threads:  # then wait for all of them
        thread.join()


def run(name, way, tasks, seconds):
    begin = time.perf_counter()

    def task(number):
        time.sleep(seconds)
        after = time.perf_counter() - begin
        # One string with its newline: lines of two threads never mix.
        print(f"  task {number} ended after {after:.2f} s\n", end="")

    print(f"{name}:")
    way(tasks, task)
    print(f"{name} took {time.perf_counter() - begin:.2f} s")


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    if tasks < 1 or seconds < 0:
        print("threads_io: TASKS must be >= 1, SECONDS >= 0", file=sys.stderr)
        sys.exit(2)

    run("loop", in_a_loop, tasks, seconds)
    run("threads", one_thread_each, tasks, seconds)


if __name__ == "__main__":  # so that these functions can also be imported
    main()
