"""Fetches pages from a slow server, one after the other.

    python3 threads-io.py 8 100     8 pages, each takes 100 ms to come

Question: how long does it take if each page has a thread of its own?
Change only the marked loop, and import Thread from threading.
"""

import sys

from fetch import fetch


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    milliseconds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    sizes = [0] * count

    # CHANGE HERE: start a thread for each page; when all run, join them all.
    for page in range(count):
        sizes[page] = fetch(page, milliseconds)

    for page in range(count):
        print(f"page {page}: {sizes[page]} bytes")


if __name__ == "__main__":
    main()
