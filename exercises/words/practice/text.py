"""The work of this task: reads a file, and counts its words."""

from pathlib import Path


def text_files(folder):
    """The text files in a folder, in the order of their names."""
    return sorted(str(file) for file in Path(folder).glob("*.txt"))


def count_words(file):
    """How many words there are, and how many different ones."""
    words, found = 0, {}
    with open(file, encoding="utf-8") as text:
        for line in text:
            for word in line.split():
                words += 1
                found[word] = found.get(word, 0) + 1
    return words, len(found)
