#!/usr/bin/env python3
"""The recorded tour, the picture made from it, and what the texts quote from recorded runs: tour_test.py BUILD.

`tour_test.py --write` replaces quoted runs by the recordings.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "slides"))
import picture  # noqa: E402
import tour  # noqa: E402

TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# A block of a text that quotes a run: the command, then what it printed.
QUOTE = re.compile(r"(?<=^```text\n)\$ (?:\./run|mpworkshop|mpirun) .*?(?=^```$)", re.M | re.S)


def recorded():
    """All that was recorded: what each command printed, by the command."""
    runs = {}
    for file in sorted((ROOT / "slides/data").glob("*.txt")):
        command, output = file.read_text().split("\n", 1)
        runs[command] = output
    return runs


def seconds(row, chapter):
    """The wall-clock time in a row of a recorded screen."""
    screen = "\n".join(tour.lines_of(tour.read_cast(tour.CAST)[chapter]))
    number, unit = re.search(rf"^{row}.*?(\d[\d.]*) (us|ms|s)\b(?: wall)?", screen, re.M).groups()
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]


class Tour(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = tour.CAST.read_text(encoding="utf-8")
        cls.header, *cls.events = [json.loads(line) for line in cls.text.splitlines()]

    def test_it_is_a_recording_in_version_2_of_the_format(self):
        self.assertEqual((self.header["version"], self.header["width"], self.header["height"]), (2, 80, 36))
        times = [at for at, _, _ in self.events]
        self.assertEqual(times, sorted(times))
        self.assertEqual({kind for _, kind, _ in self.events}, {"o", "m"})
        self.assertTrue(all(isinstance(text, str) for _, _, text in self.events))

    def test_it_takes_five_minutes_and_is_small(self):
        self.assertGreater(self.events[-1][0], 270)
        self.assertLess(self.events[-1][0], 330)
        self.assertLess(len(self.text.encode()), 150_000)

    def test_it_has_every_chapter_with_its_command_on_a_screen_that_fits(self):
        chapters = tour.read_cast(tour.CAST)
        self.assertEqual(list(chapters), list(tour.CHAPTERS))
        for name, events in chapters.items():
            say, command = tour.CHAPTERS[name]
            lines = tour.lines_of(events)
            self.assertEqual(lines[:2], [f"$ # {say}", f"$ {command}"])
            self.assertGreater(len(lines), 5, name)
            self.assertLessEqual(max(map(len, lines)), 80, name)

    def test_its_commands_exist(self):
        program = BUILD / "mpworkshop"
        for _, command in tour.CHAPTERS.values():
            words = command.split()
            self.assertEqual(words[0], "./run")
            shown = subprocess.run([program, words[1], "--help"], capture_output=True, text=True, check=True).stdout
            self.assertIn(f"mpworkshop {words[1]}", shown)
            for option in re.findall(r"(?<= )--?[a-z][\w-]*", command):
                self.assertRegex(shown, rf"(?m)^ .*(?<![\w-]){option}\b", command)

    def test_it_names_no_folder_and_no_host(self):
        self.assertEqual(re.findall(r"/(?:home|root|tmp|work|usr|mnt)\b[^ ]*|\bhost \w+", self.text), [])
        self.assertNotRegex(self.text, r"(?i)other programs\s+used")

    def test_a_cast_that_is_read_is_written_as_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.cast"
            tour.write_cast(copy, tour.read_cast(tour.CAST))
            self.assertEqual(copy.read_text(encoding="utf-8"), self.text)

    def test_the_picture_is_that_of_the_recording(self):
        with tempfile.TemporaryDirectory() as folder:
            drawn = Path(folder) / "run.svg"
            subprocess.run([sys.executable, "-B", ROOT / "slides/picture.py", drawn], check=True)
            self.assertEqual(drawn.read_text(encoding="utf-8"), picture.TARGET.read_text(encoding="utf-8"),
                             "slides/picture.py draws it again")
        self.assertNotRegex(picture.TARGET.read_text(encoding="utf-8"), r"<script|url\(|href|@import|@font-face")


class Quotes(unittest.TestCase):
    def test_a_quoted_run_is_one_that_was_recorded(self):
        runs, quotes = recorded(), 0
        for path in TEXTS:
            for quote in QUOTE.findall(path.read_text()):
                command, output = quote.split("\n", 1)
                self.assertIn(command, runs, path)
                self.assertEqual(output, runs[command], f"{path}: tests/house/tour_test.py --write brings the recorded run")
                quotes += 1
        self.assertGreaterEqual(quotes, 2)

    def test_the_readme_adds_up_the_minutes_as_list_does(self):
        listed = subprocess.run([BUILD / "mpworkshop", "list"], capture_output=True, text=True, check=True).stdout
        minutes = re.search(r"all take about (\d+) min", listed)[1]
        self.assertIn(f"All exercises together take about {minutes} minutes.", (ROOT / "README.md").read_text())

    def test_the_readme_compares_c_plus_plus_and_python_as_the_tour_does(self):
        fast, plain = map(float, re.search(r"(\d+) times as fast, and the plain loop, without vector instructions, (\d+) times",
                                           " ".join((ROOT / "README.md").read_text().split())).groups())
        python = seconds("work", "python") / 1e7
        self.assertAlmostEqual(fast, python / (seconds(" +1e9", "pi-serial") / 1e9), delta=0.02 * fast)
        self.assertAlmostEqual(plain, python / (seconds("work", "plain") / 1e7), delta=0.03 * plain)

    def test_the_page_about_clusters_says_how_long_ranks_took_to_start(self):
        scale = json.loads((ROOT / "slides/data/scale-ranks.json").read_text())
        serial, _, two = scale.get("result", scale)["rows"]
        start = (two["median_s"] - two["work_s"]) - (serial["median_s"] - serial["work_s"])
        text = " ".join((ROOT / "docs/cluster.md").read_text().split())
        self.assertIn(f"which took about {start:.1f} s in a recorded run with two workers on two CPUs", text)

    def test_rows_of_the_short_table_are_in_the_whole_one(self):
        """The README has a part of docs/python.md."""
        rows = re.findall(r"^\| `.*(?=\n)", (ROOT / "README.md").read_text().split("## Python and mp")[1].split("\n## ")[0], re.M)
        self.assertGreater(len(rows), 10)
        self.assertEqual([row for row in rows if row not in (ROOT / "docs/python.md").read_text()], [])


def write():
    """Replaces each quoted run by the recorded one."""
    runs = recorded()
    for path in TEXTS:
        path.write_text(QUOTE.sub(lambda found: (command := found[0].split("\n")[0]) + "\n" + runs.get(
            command, found[0].split("\n", 1)[1]), path.read_text()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", metavar="BUILD", help="the build folder, for the tests")
    parser.add_argument("--write", action="store_true", help="replaces quoted runs in the texts by the recordings")
    options = parser.parse_args()
    if options.write:
        write()
    elif not options.build:
        parser.error("give the build folder, or --write")
    else:
        BUILD = Path(options.build)
        unittest.main(argv=sys.argv[:1])
