"""pi_serial: pi as a sum, computed by one process.

Pi is the area under 4 / (1 + x * x) from 0 to 1. Cut it into strips, take the
height in the middle of each, and add up the areas. You will see pi, the error,
and the wall-clock time. More steps: more accurate, and slower.

    python3 pi_serial.py 1e6     a million steps
"""

import math
import sys
import time


def pi_serial(steps):
    total = 0.0
    for i in range(steps):
        x = (i + 0.5) / steps  # the middle of strip i
        total += 4 / (1 + x * x)
    return total / steps


def main():
    steps = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    if steps < 1:
        print("pi_serial: STEPS must be at least 1", file=sys.stderr)
        sys.exit(2)

    begin = time.perf_counter()
    pi = pi_serial(steps)
    seconds = time.perf_counter() - begin
    print(f"pi    {pi:.15f}")
    print(f"error {abs(pi - math.pi):.1e}")
    print(f"time  {seconds:.3f} s")


if __name__ == "__main__":  # so that pi_serial can also be imported
    main()
