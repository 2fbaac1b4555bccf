"""check says: In Python, threads take turns"""

import sys
from multiprocessing import Value
from threading import Thread

from answers import above_half, longest_gap, mean


def put(function, numbers, answer):
    answer.value = function(numbers)


def main():
    numbers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000

    first, second, third = Value("d"), Value("d"), Value("d")
    processes = [
        Thread(target=put, args=(mean, numbers, first)),
        Thread(target=put, args=(longest_gap, numbers, second)),
        Thread(target=put, args=(above_half, numbers, third)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    print(f"mean        {first.value:.9f}")
    print(f"longest gap {second.value:.9f}")
    print(f"above half  {third.value:.9f}")


if __name__ == "__main__":
    main()
