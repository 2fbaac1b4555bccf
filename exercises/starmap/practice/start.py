"""How often does each particle meet each other one? One pair after the other.

    python3 starmap.py 10 2     10 x 10 pairs, 2 workers

Question: how does a function of two arguments get its inputs from a pool?
Change only the marked loops, and import Pool from multiprocessing.
"""

import sys

from meet import meet


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2

    # CHANGE HERE: make a list of all pairs (a, b), and starmap meet over it.
    meetings = []
    for a in range(count):
        for b in range(count):
            meetings.append(meet(a, b))

    for i in range(count * count):
        print(f"{i // count} and {i % count}: {meetings[i]}")


if __name__ == "__main__":
    main()
