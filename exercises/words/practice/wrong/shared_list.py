"""check says: The workers write to their own copy of the list"""

import sys
from multiprocessing import Pool

from text import count_words, text_files


counts = []


def append(file):
    counts.append(count_words(file))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "texts"
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    files = text_files(folder)

    with Pool(workers) as pool:
        pool.map(append, files)

    for file, (words, different) in zip(files, counts):
        print(f"{file}: {words} words, {different} different")


if __name__ == "__main__":
    main()
