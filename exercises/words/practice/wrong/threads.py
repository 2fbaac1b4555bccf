"""check says: In Python, threads take turns"""

import sys
from concurrent.futures import ThreadPoolExecutor

from text import count_words, text_files


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "texts"
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    files = text_files(folder)

    with ThreadPoolExecutor(workers) as pool:
        counts = list(pool.map(count_words, files))

    for file, (words, different) in zip(files, counts):
        print(f"{file}: {words} words, {different} different")


if __name__ == "__main__":
    main()
