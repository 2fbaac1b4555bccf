"""check says: in the order in which they are ready"""

import sys
from multiprocessing import Pool

from text import count_words, text_files


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "texts"
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    files = text_files(folder)

    with Pool(workers) as pool:
        counts = list(pool.imap_unordered(count_words, files))[::-1]

    for file, (words, different) in zip(files, counts):
        print(f"{file}: {words} words, {different} different")


if __name__ == "__main__":
    main()
