"""The lessons in C++, their Python twins, and their texts.

    python3 twins_test.py            the twins, the sources, and the texts
    python3 twins_test.py FOLDER     the same, and the compiled lessons there

Each twin runs under each start method and prints what is expected. A compiled
lesson FOLDER/map prints the same lines as map.py, apart from timings.
"""

import ast
import io
import json
import math
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
import unittest
from pathlib import Path

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
FOLDER = None  # with compiled lessons



def pi_sum(steps, rank=0, workers=1):
    """The sum of the pi lessons, exactly rounded."""
    middles = ((i + 0.5) / steps for i in range(rank, steps, workers))
    return math.fsum(4 / (1 + x * x) for x in middles) / steps


# Small arguments for both languages, and what each line must look like.
# T stands for a timing, N for a number that may differ from run to run.
LESSONS = {
    "cores": ([], None),
    "map": (["3", "2"], ["32 F = 0 C", "33.8 F = 1 C", "35.6 F = 2 C"]),
    "starmap": (["3", "2"], ["1 x 3 = 3", "2 x 2 = 4", "3 x 1 = 3"]),
    "threads_io": (
        ["2", "0.01"],
        [
            "loop:",
            "  task 1 ended after T",
            "  task 2 ended after T",
            "loop took T",
            "threads:",
            "  task 1 ended after T",
            "  task 2 ended after T",
            "threads took T",
        ],
    ),
    "process_demo": (
        ["2", "4", "6"],
        [
            "  mean              4   changes 1",
            "    process N, parent N",
            "  product          48   changes 1",
            "    process N, parent N",
            "  choice            4   changes 1",
            "    process N, parent N",
            "Done",
            "In the parent: answers sum to 56, changes 0",
            "  a copied generator: 2 1 1 2 2 2 1 1 2 2",
            "  a seed for each: 2 1 1 2 2 3 1 6 2 2",
        ],
    ),
    "race": (
        ["1000", "2"],
        [
            "without a lock: counted N of 2000",
            "with a lock: counted 2000 of 2000",
            "one count for each thread: counted 2000 of 2000",
        ],
    ),
    "gil": (
        ["2", "1000"],
        [
            f"each task computes {pi_sum(1000):.12f}",
            "one by one: compute T, wait T",
            "threads, L lock: compute T, wait T",
            "processes: compute T, wait T",
        ],
    ),
    "concurrency": (
        ["1", "1000"],
        ["one by one:"]
        + [f"  task 1, step {i}: {pi_sum(1000):.12f}" for i in range(1, 5)]
        + ["one by one took T wall-clock time, T CPU time", "all at once:"]
        + [f"  task 1, step {i}: {pi_sum(1000):.12f}" for i in range(1, 5)]
        + ["all at once took T wall-clock time, T CPU time"],
    ),
    "chunks": (
        ["4", "2", "1000"],
        [
            f"mean {(3 * pi_sum(1000) + pi_sum(20000)) / 4:.12f}, chunksize {n}: T"
            for n in (1, 2, 4)
        ],
    ),
    "price": (
        ["1", "2"],
        [
            "x = cos(x), a hundred times: 0.739085133215",
            "a function call: T",
            "a lock that is free: T",
            "an item of a map: T",
            "a task in a pool: T",
            "a thread: T",
            "a process: T",
        ],
    ),
    "pi_serial": (
        ["1000"],
        [f"pi    {pi_sum(1000):.15f}", "error 8.3e-08", "time  T"],
    ),
    "pi_parallel": (
        ["1000", "2"],
        [
            f"rank 0: partial sum {pi_sum(1000, 0, 2):.15f}",
            f"rank 1: partial sum {pi_sum(1000, 1, 2):.15f}",
            f"pi    {pi_sum(1000):.15f}",
            "error 8.3e-08",
            "time  T",
        ],
    ),
}
POOLS = "map starmap pi_parallel chunks price".split()
UNORDERED = "threads_io process_demo concurrency".split()

# Sets the start method, then runs a program as if it had been started alone.
WITH_START_METHOD = """
import multiprocessing, runpy, sys
sys.argv.pop(0)
multiprocessing.set_start_method(sys.argv.pop(0))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def source(name, suffix):
    folder = "pi" if name.startswith("pi_") else name
    return EXERCISES / folder / (name + suffix)


def run(command, **variables):
    # Without a buffer, Python writes a line and its end separately, and the
    # lines of two processes mix.
    environment = {**os.environ, **variables}
    environment.pop("PYTHONUNBUFFERED", None)
    return subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=300,
        env=environment,
    )


def lines_of(result):
    """Its lines, once it has ended well; timings and such are letters."""
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{result.args}: {result.stderr}")
    text = re.sub(r"\d+\.\d+ u?s\b", "T", result.stdout)
    text = re.sub(r"(process|parent) \d+", r"\1 N", text)
    text = re.sub(r"(without a lock: counted) \d+", r"\1 N", text)
    return text.splitlines()


def python_code_lines(path):
    text = path.read_text()
    ignored = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in ignored:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
            if ast.get_docstring(node) is not None:
                docstring = node.body[0]
                code -= set(range(docstring.lineno, docstring.end_lineno + 1))
    return len(code)


def cpp_code_lines(path):
    return sum(
        1 for line in path.read_text().splitlines() if line.split("//")[0].strip()
    )


class Same(unittest.TestCase):
    """Compares lines: the words exactly, the numbers to 1e-12."""

    number = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")

    def assert_same(self, name, found, expected):
        if name in UNORDERED:
            found, expected = sorted(found), sorted(expected)
        self.assertEqual(len(found), len(expected), f"{name}: {found}")
        for ours, theirs in zip(found, expected):
            with self.subTest(lesson=name, line=ours):
                self.assertEqual(
                    self.number.sub("#", ours), self.number.sub("#", theirs)
                )
                for a, b in zip(
                    self.number.findall(ours), self.number.findall(theirs)
                ):
                    close = math.isclose(
                        float(a), float(b), rel_tol=1e-12, abs_tol=1e-12
                    )
                    self.assertTrue(close, f"{ours!r} and {theirs!r}")


class Twins(Same):
    def check(self, name, result):
        expected = LESSONS[name][1]
        found = lines_of(result)
        if name == "cores":
            names = [line.split()[0] for line in found]
            self.assertEqual(
                names, ["online", "affinity", "quota", "slurm", "usable"]
            )
            return
        if name == "gil":
            found = [re.sub(r"(one|no) lock", "L lock", line) for line in found]
        self.assert_same(name, found, expected)

    def check_all(self, method):
        if method not in multiprocessing.get_all_start_methods():
            self.skipTest(f"no {method} here")
        for name, (arguments, _) in LESSONS.items():
            with self.subTest(lesson=name):
                program = [sys.executable, "-c", WITH_START_METHOD, method]
                self.check(
                    name, run([*program, source(name, ".py"), *arguments])
                )

    def test_each_twin_runs_under_fork(self):
        self.check_all("fork")

    def test_each_twin_runs_under_spawn(self):
        self.check_all("spawn")

    def test_each_twin_runs_under_forkserver(self):
        self.check_all("forkserver")

    def test_each_twin_runs_in_every_python_that_is_here(self):
        for minor in range(9, 20):
            python = shutil.which(f"python3.{minor}")
            if python is None or run([python, "--version"]).returncode != 0:
                continue
            for name, (arguments, _) in LESSONS.items():
                with self.subTest(lesson=name, python=python):
                    self.check(
                        name, run([python, source(name, ".py"), *arguments])
                    )

    def test_race_loses_updates_without_a_lock_and_none_with_one(self):
        for _ in range(20):
            result = run([sys.executable, source("race", ".py"), "300000", "2"])
            counts = re.findall(r"counted (\d+) of (\d+)", result.stdout)
            self.assertEqual(counts[1:], [("600000", "600000")] * 2)
            if int(counts[0][0]) < 600000:
                return
        self.fail("20 runs, and no update was lost")

    def test_cores_counts_no_more_than_slurm_allots(self):
        result = run(
            [sys.executable, source("cores", ".py")], SLURM_CPUS_PER_TASK="1"
        )
        self.assertIn("slurm    1", lines_of(result))
        self.assertIn("usable   1", lines_of(result))

    def test_a_number_below_its_range_ends_with_a_sentence_and_exit_code_2(self):
        for name, (arguments, _) in LESSONS.items():
            if name in ("cores", "process_demo"):
                continue
            with self.subTest(lesson=name):
                result = run([sys.executable, source(name, ".py"), "0"])
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, "")
                self.assertTrue(result.stderr.startswith(f"{name}: "))
                self.assertEqual(result.stderr.count("\n"), 1)


class Compiled(Same):
    def setUp(self):
        if FOLDER is None:
            self.skipTest("no folder with compiled lessons was given")

    def test_each_prints_the_lines_of_its_twin(self):
        for name, (arguments, _) in LESSONS.items():
            with self.subTest(lesson=name):
                cpp = lines_of(run([FOLDER / name, *arguments]))
                python = lines_of(
                    run([sys.executable, source(name, ".py"), *arguments])
                )
                if name == "cores":  # mp looks for a quota in more places
                    kept = ("online", "affinity", "slurm")
                    cpp = [line for line in cpp if line.startswith(kept)]
                    python = [line for line in python if line.startswith(kept)]
                if name == "gil":  # Python has one of the two rows with threads
                    both = [
                        "threads, one lock: compute T, wait T",
                        "threads, no lock: compute T, wait T",
                    ]
                    self.assertEqual(cpp[2:4], both)
                    self.assertIn(python[2], both)
                    del cpp[2:4], python[2]
                self.assert_same(name, cpp, python)

    def test_a_lesson_alone_writes_its_timeline_where_it_is_asked_to(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder, "trace.json")
            result = run([FOLDER / "map", "3", "2"], MP_TRACE=str(trace))
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            document = json.loads(trace.read_text())
        events = document["traceEvents"]
        lanes = [event for event in events if event["name"] == "thread_name"]
        self.assertEqual(len(lanes), 2)
        self.assertEqual(events[0]["args"]["name"], "map")

    def test_a_bad_argument_ends_with_a_sentence_and_exit_code_2(self):
        for name in LESSONS:
            if name in ("cores", "process_demo"):
                continue
            for bad in ("x", "-1"):
                with self.subTest(lesson=name, argument=bad):
                    result = run([FOLDER / name, bad])
                    self.assertEqual(result.returncode, 2)
                    self.assertEqual(result.stdout, "")
                    self.assertTrue(result.stderr.startswith(f"{name}: "))
                    self.assertEqual(result.stderr.count("\n"), 1)


class Sources(unittest.TestCase):
    def test_the_syntax_is_that_of_python_3_9(self):
        for name in LESSONS:
            with self.subTest(lesson=name):
                text = source(name, ".py").read_text()
                ast.parse(text, name, feature_version=(3, 9))

    def test_no_line_is_wider_than_79_columns(self):
        for name in LESSONS:
            for suffix in (".py", ".cpp"):
                path = source(name, suffix)
                for number, line in enumerate(path.read_text().splitlines(), 1):
                    self.assertLessEqual(len(line), 79, f"{path}:{number}")

    def test_cpp_has_at_most_half_as_many_code_lines_again(self):
        for name in LESSONS:
            with self.subTest(lesson=name):
                self.assertLessEqual(
                    cpp_code_lines(source(name, ".cpp")),
                    1.5 * python_code_lines(source(name, ".py")),
                )

    def test_most_of_the_cpp_here_is_lesson(self):
        def lines(paths):
            texts = (path.read_text() for path in paths)
            return sum(bool(line.strip()) for text in texts for line in text.splitlines())

        everything = lines(EXERCISES.glob("*/*.cpp"))
        self.assertGreater(lines(source(name, ".cpp") for name in LESSONS), everything / 2)

    def test_cpp_includes_mp_and_the_standard_library_only(self):
        for name in LESSONS:
            text = source(name, ".cpp").read_text()
            for header in re.findall(r"#include (.*)", text):
                with self.subTest(lesson=name, header=header):
                    self.assertRegex(header, r"^<(mp/mp\.hpp|[a-z_]+)>$")

    def test_main_can_be_compiled_out(self):
        for name in LESSONS:
            with self.subTest(lesson=name):
                text = source(name, ".cpp").read_text()
                lesson, rest = text.split("#ifndef MPWORKSHOP_LESSON ")
                self.assertNotIn("int main(", lesson)
                self.assertIn("int main(", rest)
                self.assertTrue(rest.endswith("#endif\n"))

    def test_the_pool_is_made_in_plain_sight(self):
        for name in POOLS:
            with self.subTest(lesson=name):
                self.assertIn(
                    "    mp::Pool pool(workers);\n",
                    source(name, ".cpp").read_text(),
                )
                self.assertIn(
                    "    with Pool(workers) as pool:\n",
                    source(name, ".py").read_text(),
                )


class Texts(unittest.TestCase):
    background = "memory mutex parallelism pool rules words cluster".split()

    def texts(self):
        for name in LESSONS:
            yield source(name, ".md")
        for name in self.background:
            yield EXERCISES / (name + ".md")

    def test_each_begins_with_its_title_and_fits_80_columns(self):
        for path in self.texts():
            lines = path.read_text().splitlines()
            self.assertTrue(lines[0].startswith("# "), path)
            for number, line in enumerate(lines, 1):
                self.assertLessEqual(len(line), 80, f"{path}:{number}")

    def test_no_sentence_has_more_than_25_words(self):
        for path in self.texts():
            text = re.sub(r"```.*?```", ".\n\n", path.read_text(), flags=re.S)
            text = re.sub(r"(?m)^[#|].*$", "", text)
            for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. )", text):
                for sentence in re.split(r"[.:;?](?:\*\*)?\s", paragraph + "\n"):
                    words = len(sentence.split())
                    self.assertLessEqual(words, 25, f"{path}: {sentence}")

    def test_the_glossary_is_sorted(self):
        text = (EXERCISES / "words.md").read_text()
        words = re.findall(r"(?m)^- \*\*(.*?)\*\*: ", text)
        self.assertGreaterEqual(len(words), 30)
        keys = [word.lower().replace("-", " ").replace("/", "") for word in words]
        self.assertEqual(keys, sorted(keys))


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[1]).is_dir():
        FOLDER = Path(sys.argv.pop(1)).resolve()
    unittest.main()
