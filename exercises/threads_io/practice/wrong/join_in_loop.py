"""check says: join() is inside the loop"""

import sys
from threading import Thread

from fetch import fetch


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    milliseconds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    sizes = [0] * count

    def get(page):
        sizes[page] = fetch(page, milliseconds)

    threads = [Thread(target=get, args=(page,)) for page in range(count)]
    for thread in threads:
        thread.start()
        thread.join()

    for page in range(count):
        print(f"page {page}: {sizes[page]} bytes")


if __name__ == "__main__":
    main()
