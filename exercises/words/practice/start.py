"""Counts the words of all text files in a folder, one file after the other.

    python3 words.py texts 2     the files in the folder texts, 2 workers

Question: the files are of very different sizes. Does a pool help?
Change only the marked loop, and import Pool from multiprocessing.
"""

import sys

from text import count_words, text_files


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "texts"
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    files = text_files(folder)

    # CHANGE HERE: let the workers of a pool count the words.
    counts = [count_words(file) for file in files]

    for file, (words, different) in zip(files, counts):
        print(f"{file}: {words} words, {different} different")


if __name__ == "__main__":
    main()
