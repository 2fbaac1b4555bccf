"""starmap: a function of several arguments, over inputs that are tuples.

Pool.map gives its function one argument. Pool.starmap unpacks each tuple, as
multiply(*pair) does. You will see the product of each pair, in the order of
the pairs: the factors of each add up to COUNT + 1.

    python3 starmap.py 9 4     9 pairs, 4 workers
"""

import sys
from multiprocessing import Pool


def multiply(a, b):
    return a * b


def make_pairs(count):
    """(1, count), (2, count - 1) and so on, up to (count, 1)."""
    return [(i, count + 1 - i) for i in range(1, count + 1)]


def multiply_in_a_pool(pool, pairs, chunksize=None):
    return pool.starmap(multiply, pairs, chunksize)


def multiply_in_a_loop(pairs):
    products = []
    for a, b in pairs:
        products.append(multiply(a, b))
    return products


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    if count < 1 or workers < 1:
        print("starmap: COUNT and WORKERS must be at least 1", file=sys.stderr)
        sys.exit(2)

    pairs = make_pairs(count)
    with Pool(workers) as pool:
        products = multiply_in_a_pool(pool, pairs)
    for (a, b), c in zip(pairs, products):
        print(f"{a:g} x {b:g} = {c:.12g}")


# A new worker may import this file to find multiply. Without this line, the
# import would run main() again, in every worker.
if __name__ == "__main__":
    main()
