"""check says: A process has its own copy of every variable"""

import sys
from multiprocessing import Process

from answers import above_half, longest_gap, mean


first = second = third = 0


def put(name, function, numbers):
    globals()[name] = function(numbers)


def main():
    numbers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000

    global first, second, third
    processes = [
        Process(target=put, args=("first", mean, numbers)),
        Process(target=put, args=("second", longest_gap, numbers)),
        Process(target=put, args=("third", above_half, numbers)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    print(f"mean        {first:.9f}")
    print(f"longest gap {second:.9f}")
    print(f"above half  {third:.9f}")


if __name__ == "__main__":
    main()
