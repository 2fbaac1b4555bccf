#!/usr/bin/env python3
"""Finds phrases that plain English does not need in all text that people read.

It reads Markdown files, comments and texts in quotes in C++, comments and docstrings in Python, and comments in CMake
and shell files. It does not judge code. `writing_test.py --list [FOLDER]` prints what it finds.
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What to find, what to write instead, and an example, which the test must find.
BANNED = [
    (r"(?:^|(?<=[.:;] )|(?<=[.:;]\s\s))[Ww]ho (?![^.?]*\?)", "name the actor", "Who finds nothing spins for a while."),
    (r"\bfor ever\b", "forever, or as long as", "It waits for ever."),
    (r"\bshall\b", "must, should, or will", "what it shall do"),
    (r"\bso (?:many|much)\b(?! \w+ that| that|, | as\b)", "the number, or this many", "after so many chunks"),
    (r"\bone's own\b|\boneself\b", "your own, or a separate", "a kernel of one's own"),
    (r"(?<!which )(?<!and )\bin turn\b", "one after the other, or alternately", "runs timed in turn"),
    (r"\b(?:no|some|every)body\b|\bsomeone\b|\bwhom\b", "name the component", "nobody asks"),
    (r"\b[Ww]hoever\b(?! (?:takes the count|caused))", "name the component", "whoever sees that memory"),
    (r"\bdearer\b|\bcheaper than it is worth\b", "more expensive", "How much dearer is it?"),
    (r"\bbells?\b|\bburied\b|\bcondemn\w*|\bdoz(?:e|es|ing)\b|\bsent away\b", "the plain term, no metaphor", "sleeps on the bell"),
    (r"\bcall(?:s|ed|ing)? off\b", "cancel", "what is called off"),
    (r"\bgive[sn]? back by (?:itself|themselves)\b", "automatically", "Languages give back by themselves"),
    (r"\bholds? true\b|\bwhether `\w+` holds\b", "is true", "Says whether `done` holds"),
    (r"\bworth its way\b", "worth sending", "Each chunk should be worth its way."),
    (r"\b[Tt]he very (?!first|last|same|end|few)\w+\b", "the", "the very code of an exercise"),
    (r"\bsisters?\b|\bdear(?:est)?\b|\bmend(?:s|ed|ing)?\b", "the plain term, no metaphor", "what its sisters draw"),
    (r"\b(?:so that|and|but|if|for) who (?:can|is|has|finds|takes|wants)\b", "name the actor", "so that who can builds at home"),
    (r"\bserial wins\b", "is faster", "below 3.2e7 steps serial wins"),
    (r"\bfor want of\b|\bat its side\b|\bout of hand\b", "the plain term, no metaphor", "killed for want of memory"),
    (r"\bhand-outs?\b", "overhead", "balance against hand-outs"),
    (r"\bunder way\b", "in progress", "work under way"),
    (r"\bas if by\b|\btill\b", "until", "It waits till then."),
    (r"(?<![\w.])[1-9]\d+e\d+\b", "one digit before the point: 3.2e7", "below 32e6 steps"),
    (r"(?<=[a-z])!(?=\s|$)", "a full stop", "It works!"),
]
# British spellings; programs and people write American ones here.
BRITISH = re.compile(r"\b\w*(?:colour|neighbour|behaviour|favour|(?:initial|serial|optim|recogn|organ|parallel|synchron)is(?:e|ed|es|ing)"
                     r"|\blicence|\bcentre)\w*", re.I)

# What is read, and how.
FOLDERS = ("src", "exercises", "tests", "docs", "slides", ".ci")
# They quote what is banned, or hold other people's words.
QUOTES = re.compile(r"tests/house/(?:writing|words)_test\.py|tests/fuzz/.*\.dict")

CPP = re.compile(r"""
    (?P<raw>(?:u8|[uUL])?R"(?P<delim>[^()\\\s]*)\((?P<inside>.*?)\)(?P=delim)")
  | //(?P<line>[^\n]*) | /\*(?P<block>.*?)\*/ | \#\s*include[^\n]*
  | (?:u8|[uUL])?"(?P<text>(?:\\.|[^"\\\n])*)" | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'
""", re.X | re.S)
PYTHON = re.compile(r'"""(?P<doc>.*?)"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?:^|(?<=\s))#(?P<line>[^\n]*)', re.S)


def joined(pieces):
    """Pieces on adjacent lines as one text, as a sentence may go on; each with the number of its first line."""
    text, first, last = [], 0, -2
    for number, piece in pieces:
        if number > last + 1:
            if text:
                yield first, " ".join(text)
            text, first = [], number
        text.append(piece.strip(" /<"))
        last = number + piece.count("\n")
    if text:
        yield first, " ".join(text)


def found_by(pattern, names, source):
    for found in pattern.finditer(source):
        for name in names:
            if found[name] is not None:
                yield source.count("\n", 0, found.start()) + 1, found[name]


def markdown(source):
    """Paragraphs outside of code."""
    number, code, lines = 0, False, []
    for line in [*source.splitlines(), ""]:
        number += 1
        if line.lstrip().startswith("```"):
            code, line = not code, ""
        if code or not line.strip():
            if lines:
                yield number - len(lines), " ".join(lines)
            lines = []
        else:
            lines.append(re.sub(r"`[^`]*`", "`code`", line).strip())


def texts_in(path, source):
    """Each text for people in a file, with its line."""
    if path.suffix == ".md":
        yield from markdown(source)
    elif path.suffix in {".cpp", ".hpp"}:
        yield from joined(found_by(CPP, ["line", "block"], source))
        yield from joined((line, text) for line, text in found_by(CPP, ["text", "inside"], source) if " " in text)
    elif path.suffix == ".py":
        yield from joined(found_by(PYTHON, ["doc", "line"], source))
    elif path.suffix in {".cmake", ".sh"} or path.name == "CMakeLists.txt" or source.startswith("#!/usr/bin/env bash"):
        yield from joined((number, line.split("# ", 1)[1]) for number, line in enumerate(source.splitlines(), 1)
                          if re.search(r"(?:^|\s)# ", line))


def faults_in(text):
    """What is wrong with a text: the words, and what to write instead."""
    for pattern, better, _ in BANNED:
        for found in re.finditer(pattern, text):
            yield found[0].strip(), better
    for found in BRITISH.finditer(text):
        yield found[0], "the American spelling"


def files(root):
    for file in [*root.glob("*.md"), *(file for folder in FOLDERS for file in (root / folder).rglob("*"))]:
        path = str(file.relative_to(root))
        if file.is_file() and not {"build", "node_modules", "__pycache__"} & set(file.parts[len(root.parts):]):
            if not QUOTES.fullmatch(path):
                yield file, path


def offences(root):
    for file, path in sorted(files(root)):
        try:
            source = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for line, text in texts_in(file, source):
            for words, better in faults_in(text):
                yield f"{path}:{line}: '{words}'; write {better}"


class Writing(unittest.TestCase):
    def test_no_text_has_a_banned_phrase(self):
        self.assertEqual(list(offences(ROOT)), [])

    def test_each_phrase_is_found(self):
        for pattern, better, example in BANNED:
            with self.subTest(pattern=pattern):
                self.assertIn(better, [instead for _, instead in faults_in(example)])
        self.assertEqual(list(faults_in("neighbouring CPUs")), [("neighbouring", "the American spelling")])

    def test_good_sentences_pass(self):
        for text in ("Who needs this? Everyone.", "1.4e8 steps, or 3e7", "a chunk that starts another, which in turn ends",
                     "There were so many signals that it stopped.", "if (a != b) return;", "Users who know Python."):
            self.assertEqual(list(faults_in(text)), [], text)

    def test_text_is_found_where_people_read_it(self):
        cpp = 'int shall = 1; // who\n// shall go\nauto a = "so many"\n "tasks"; call("shall");\n'
        self.assertEqual(list(texts_in(Path("a.cpp"), cpp)), [(1, "who shall go"), (3, "so many")])
        python = '"""Shall\nI?"""\nshall = "for ever"  # till then\n'
        self.assertEqual([line for line, _ in texts_in(Path("a.py"), python)], [1])
        self.assertEqual(list(texts_in(Path("a.md"), "# A\n\n```sh\nshall\n```\n- b\n  `c`\n")), [(1, "# A"), (6, "- b `code`")])
        self.assertEqual(list(texts_in(Path("CMakeLists.txt"), "set(a b) # c\n")), [(1, "c")])


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--list":
        print("\n".join(offences(Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT)))
    else:
        unittest.main()
