"""pi as one sum: the area under 4 / (1 + x * x) from 0 to 1, in strips.

    python3 pi.py 4000000 2     four million strips, 2 workers

How do several workers add up one sum? Change only the marked lines, and import
Pool from multiprocessing.
"""

import sys


def add_strips(first, end, stride, strips):
    total = 0.0
    for i in range(first, end, stride):
        x = (i + 0.5) / strips
        total += 4 / (1 + x * x)
    return total / strips


def main():
    strips = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    # CHANGE HERE: each worker adds its part of the strips; add up the parts.
    pi = add_strips(0, strips, 1, strips)

    print(f"pi {pi:.9f}")


if __name__ == "__main__":
    main()
