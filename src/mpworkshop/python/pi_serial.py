# pi as a sum, by one process: python3 pi_serial.py STEPS
import json
import sys
import time


def partial_pi(rank, processes, steps):
    total = 0.0
    for i in range(rank, steps, processes):
        x = (i + 0.5) / steps
        total += 4 / (1 + x * x)
    return total / steps


if __name__ == "__main__":
    steps = int(sys.argv[1])
    begin = time.perf_counter()
    pi = partial_pi(0, 1, steps)
    work = time.perf_counter() - begin
    print(json.dumps({"pi": pi, "timings": [{"name": "work", "wall_s": work}]}))
