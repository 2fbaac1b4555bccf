"""map: one function over many inputs, shared out to a pool of workers.

Temperatures in degrees Fahrenheit become degrees Celsius. You will see one
line for each, in the order of the inputs, whichever worker was first.

    python3 map.py 50 4     50 temperatures, 4 workers
"""

import sys
from multiprocessing import Pool


def to_celsius(fahrenheit):
    return (fahrenheit - 32) / 9 * 5


def temperatures(count):
    """32 F, 33.8 F, 35.6 F and so on: whole degrees Celsius, from 0 on."""
    return [32 + 1.8 * i for i in range(count)]


def convert_in_a_pool(pool, fahrenheit, chunksize=None):
    return pool.map(to_celsius, fahrenheit, chunksize)


def convert_in_a_loop(fahrenheit):
    celsius = []
    for f in fahrenheit:
        celsius.append(to_celsius(f))
    return celsius


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    if count < 1 or workers < 1:
        print("map: COUNT and WORKERS must be at least 1", file=sys.stderr)
        sys.exit(2)

    fahrenheit = temperatures(count)
    with Pool(workers) as pool:
        celsius = convert_in_a_pool(pool, fahrenheit)
    for f, c in zip(fahrenheit, celsius):
        print(f"{f:.12g} F = {c:.12g} C")


# A new worker may import this file to find to_celsius. Without this line, the
# import would run main() again, in every worker.
if __name__ == "__main__":
    main()
