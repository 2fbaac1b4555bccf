"""Counts the words of all text files in a folder, by the workers of a pool."""

import sys
from multiprocessing import Pool

from text import count_words, text_files


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "texts"
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    files = text_files(folder)

    with Pool(workers) as pool:
        counts = pool.map(count_words, files, chunksize=1)

    for file, (words, different) in zip(files, counts):
        print(f"{file}: {words} words, {different} different")


if __name__ == "__main__":
    main()
