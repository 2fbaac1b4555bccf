#!/usr/bin/env python3
"""Every command in every Markdown file and on the handout works, and every option exists: commands_test.py BUILD.

Commands that take about a second are run. For others, the program, its options and its targets must exist. An unknown kind of
command fails, so that it gets a check here, or a line in EXCEPTIONS.
"""

import functools
import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop()).resolve()
PROGRAM = BUILD / "mpworkshop"

# What cannot be checked here, and why.
EXCEPTIONS = {
    r"git clone <the address.*": "the address is not known yet",
    r"conda (activate|create)\b.*": "needs conda and a network",
    r"npm ci": "needs a network",
    r"mpirun --mca .*\.\.\.": "an ellipsis stands for the rest; Open MPI's own options",
    r"ulimit -n": "of the shell",
    r"cmake --install( build/release --prefix \S+)?": "house.install installs and uses both",
    r"exec .*|cd \w+": "of the shell",
    r"apt-get install \S+\.deb": "tests/packages/check installs them",
    r"asciinema play docs/tour.cast": "house.tour reads the file",
}
# They take longer than a second, or end with 1 if the machine lacks something; other tests run them.
SLOW = {"check", "chunks", "compare", "concurrency", "doctor", "gil", "price", "race", "scale", "solution", "threads-io"}
WRAPPERS = ("mpirun", "srun", "taskset", "systemd-run", "hyperfine", "sbatch")
NAMES = ("cmake", "ctest", "npm", "python3", "git", "conda", "module", "apt", "apt-get", "printf", "export", "ulimit", "kill",
         "cd", "tail", "clang-format-16", "mpworkshop", "mpbench", "asciinema", "pi_peers", "bench_ranks", "ninja", "exec", *WRAPPERS)
BEGINS = re.compile(r"(?:\.{1,2}/)?\.ci/\w|\.{1,2}/\w|build/release/|tests/\S+/(?:check|cluster)\b|tests/\S+\.py\b|"
                    rf"(?:{'|'.join(NAMES)})(?= )")
# Options of other programs that the texts name, and whose they are.
OTHERS = {
    "--oversubscribe": "mpirun", "--host": "mpirun", "--bind-to": "mpirun", "--mca": "mpirun",
    "--mpi": "srun", "--cpus-per-task": "srun", "--ntasks": "srun", "--nodes": "sbatch", "--ntasks-per-node": "sbatch",
    "--job-name": "sbatch", "--time": "sbatch", "--cpus": "docker", "--ignore-missing": "sha256sum",
    "--install": "cmake and wsl", "--prefix": "cmake", "--cflags": "pkg-config", "--libs": "pkg-config",
}
LANGUAGES = {"sh", "text", "cpp", "python", "json", "cmake"}


def markdown():
    return sorted(path for pattern in ("*.md", "[a-z]*/**/*.md") for path in ROOT.glob(pattern)
                  if not {"build", "node_modules"} & set(path.relative_to(ROOT).parts))


HANDOUT = ROOT / "slides/handout.html"


def texts_for_users():
    """The texts whose options are checked one by one."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "slides/facilitator.md", HANDOUT,
            *sorted((ROOT / "exercises").rglob("*.md"))]


def options_in(text):
    """Each option that a text names; not what is a comment in HTML or the line of a table."""
    return set(re.findall(r"(?<![\w<-])--[a-z][\w-]*", re.sub(r"<!--.*?-->|var\(.*?\)", "", text, flags=re.S)))


def output(*words, **more):
    return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120, **more)


class Block:
    """Between two lines of backquotes."""
    def __init__(self, language, first):
        self.language, self.first, self.lines = language, first, []

    def commands(self):
        if self.language == "text":
            return [line[2:] for line in self.lines if line.startswith("$ ")]
        if self.language != "sh" or self.lines[:1] == ["#!/bin/bash"]:
            return []
        whole = "\n".join(self.lines).replace("\\\n", " ")
        return [line for line in whole.splitlines() if line.strip() and not line.startswith("#")]


def read(path):
    """The blocks, and the commands within text."""
    blocks, inline, block = [], [], None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fence = re.fullmatch(r"\s*```(\w*)", line)
        if fence and block:
            block = None
        elif fence:
            blocks.append(block := Block(fence[1], number))
        elif block:
            block.lines.append(line)
        elif line.startswith("Type: "):  # what a speaker types, and words about it
            inline += typed(line[6:])
        else:
            inline += [span for span in re.findall(r"`([^`]+)`", line.replace("\\|", "|")) if BEGINS.match(span)]
    return blocks, inline


def read_html(path):
    """The commands in <code>; `./run list, next` are two."""
    spans = [html.unescape(re.sub(r"<[^>]+>", "", span)) for span in re.findall(r"<code>(.*?)</code>", path.read_text(), re.S)]
    commands = []
    for span in filter(BEGINS.match, spans):
        first, *more = span.split(", ")
        commands += [first, *(f"{first.split()[0]} {each}" for each in more)]
    return commands


def typed(line):
    if quoted := re.match(r'python3 -c "[^"]*"', line):
        return [quoted[0]]
    pieces = re.split(r", then |[,;] | again\b| once more\b", line)
    return [piece for piece in pieces if BEGINS.match(piece)]


def simple(line):
    """The commands between &&, | and ;, each as a list of words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    commands = [[]]
    for word in lexer:
        commands.append([]) if set(word) <= set("|&;") else commands[-1].append(word)
    return [command for command in commands if command]


def is_placeholder(word):
    return re.fullmatch(r"\[.*|.*\]|[A-Z_]+(\.\.\.)?|\.\.\.", word) is not None


@functools.cache
def help_of(*words):
    shown = output(*words, "--help")
    return shown.stdout if shown.returncode == 0 else ""


@functools.cache
def targets():
    return output("cmake", "--build", BUILD, "--target", "help").stdout


@functools.cache
def sources_of_the_benchmarks():
    return "".join(file.read_text() for file in (ROOT / "tests/bench").glob("*.cpp"))


class Checks:
    """What is wrong with one simple command; empty if nothing is."""
    def __init__(self, folder):
        self.folder = folder  # of the Markdown file

    def of(self, words):
        name = words[0]
        if name in WRAPPERS:
            return self.wrapped(words)
        if name in ("./run", "mpworkshop", "build/release/mpworkshop"):
            return self.program(words[1:])
        if name.endswith("/test") and self.file(name) == ROOT / "test":
            return self.test(words[1:])
        if ".ci/" in name:
            return self.ci(name, words[1:])
        if name == "cmake":
            return self.cmake(words[1:])
        if name.startswith("build/release/tests/") or name in ("mpbench", "pi_peers", "bench_ranks"):
            return self.built(name, words[1:])
        if name == "python3":
            return self.python(words[1:])
        if name == "npm":
            return "" if words[-1] in json.loads((ROOT / "slides/package.json").read_text())["scripts"] else "no such script"
        if name in ("printf", "tail", "export", "cd"):
            return ""
        if name == "clang-format-16":
            return "" if name in (ROOT / ".ci/setup").read_text() else ".ci/setup does not install it"
        if "/" in name:
            file = self.file(name)
            return "" if os.access(file, os.X_OK) else f"there is no program {file}"
        return "this test does not know how to check it"

    def file(self, name):
        near = self.folder / name
        return (near if near.exists() else ROOT / name).resolve()

    def wrapped(self, words):
        for i, word in enumerate(words[1:], 1):
            if " " in word:
                return next(filter(None, (self.of(each) for each in simple(word))), "") or self.wrapped(words[i:])
            if BEGINS.match(word + " ") and "=" not in word:
                if word.endswith(".sbatch"):
                    return "" if self.file(word).exists() else f"there is no {word}"
                return self.of(words[i:])
            if word.endswith(".sbatch"):
                return "" if self.file(word).exists() or (ROOT / "tests/slurm" / word).exists() else f"there is no {word}"
        return ""  # its own options only

    def program(self, words):
        words = [word for word in words if not is_placeholder(word)]
        names = [word for word in words if not word.startswith("-")]
        subcommand = names[:1] if words and not words[0].startswith("-") else []
        shown = help_of(PROGRAM, *subcommand)
        if not shown or subcommand and shown == help_of(PROGRAM):
            return f"there is no subcommand {subcommand}"
        for word in words:
            if re.match(r"-{1,2}[a-z]", word) and not re.search(rf"(^|[\s,]){re.escape(word)}\b", shown):
                return f"{word} is not in its help"
        return ""

    def test(self, words):
        if not words:
            return ""
        listed = output("ctest", "--test-dir", BUILD, "-N", *words).stdout
        return "" if re.search(r"Total Tests: [1-9]", listed) else "it names no test"

    def ci(self, name, words):
        file = self.file(name)
        if not os.access(file, os.X_OK):
            return f"there is no program {file}" if not file.exists() or words else ""
        if file.is_dir():
            return "it is a folder" if words else ""
        text = file.read_text()
        if "bash" in text.splitlines()[0] and output("bash", "-n", file).returncode != 0:
            return "bash cannot read it"
        own = words[:words.index("--")] if "--" in words else words  # the rest goes to ctest
        for word in filter(lambda word: not is_placeholder(word) and not word.isdigit(), own):
            here = (ROOT / f"tests/fuzz/{word}.cpp").exists() if file.name == "fuzz" else re.search(
                rf"{r'[ [|]' if word.startswith('--') else '^'}{word}\b", text, re.M) or word in ("status", "rest")
            if not here:
                return f"it knows no {word}"
        return ""

    def cmake(self, words):
        presets = {each["name"] for each in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
        known = (BUILD / "CMakeCache.txt").read_text() + (ROOT / "CMakeLists.txt").read_text()
        for option, value in zip(words, words[1:]):
            if option == "--preset" and value != "NAME" and value not in presets:
                return f"there is no preset {value}"
            if option == "--target" and not re.search(rf"^(\.\.\. )?{value}\b", targets(), re.M):
                return f"there is no target {value}"
            if option == "-D" and not re.search(rf"\b{value.split('=')[0]}\b", known):
                return f"there is no option {value}"
        return ""

    def built(self, name, words):
        target = name.rsplit("/", 1)[-1]
        benchmark = f"add_executable({target} EXCLUDE_FROM_ALL" in (ROOT / "tests/bench/CMakeLists.txt").read_text()
        if not benchmark:
            return "" if (BUILD / "tests" / target).exists() else "nothing builds it"
        for word in words:
            if not is_placeholder(word) and not word[0].isdigit() and f'"{word}"' not in sources_of_the_benchmarks():
                return f"it knows no {word}"
        return ""

    def python(self, words):
        if words[0] == "-c":
            ran = output(sys.executable, *words)
            return "" if ran.returncode == 0 else ran.stdout
        file = self.file(words[0])
        if file.suffix == ".py" and not file.exists():
            return "" if (ROOT / "src/mpworkshop/python" / file.name).exists() else f"there is no {file}"
        shown = help_of(sys.executable, file)
        return next((f"it has no {word}" for word in words[1:] if word.startswith("-") and word not in shown), "")


def is_quick(line):
    if not re.match(r"(\./run|mpworkshop|build/release/mpworkshop|taskset|printf|mpirun .*mpworkshop) ", line):
        return False
    if line.startswith("mpirun") and (not shutil.which("mpirun") or not (BUILD / "libmp_mpi.so").exists() or "--host" in line):
        return False
    if re.fullmatch(r"\./run (source|explain|hint|check)", line):  # the name of a tool, within a sentence
        return False
    words = [word for command in simple(line) for word in command]
    if re.search(r"--predict( +[^\d\s]|$)", line):  # asks on a terminal
        return False
    steps = [float(word) for word in words if re.fullmatch(r"\d+(\.\d+)?(e\d+)?", word)]
    return not SLOW & set(words) and max(steps, default=0) <= 1e9 and not any(map(is_placeholder, words))


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.scratch = Path(cls.folder.name)
        (cls.scratch / "build").mkdir()
        (cls.scratch / "bin").mkdir()
        (cls.scratch / "build/release").symlink_to(BUILD)
        (cls.scratch / "bin/mpworkshop").symlink_to(PROGRAM)
        (cls.scratch / "run").write_text(f"#!/bin/sh\nexec '{PROGRAM}' \"$@\"\n")
        (cls.scratch / "run").chmod(0o755)
        cls.environment = {**os.environ, "HOME": str(cls.scratch), "XDG_STATE_HOME": str(cls.scratch / "state"),
                           "PATH": f"{cls.scratch / 'bin'}:{os.environ['PATH']}",
                           "OMPI_MCA_rmaps_base_oversubscribe": "1",  # this machine may have fewer cores than theirs
                           "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        output(PROGRAM, "cores", env=cls.environment)  # so that there is something to report
        cls.found = {}  # each command, and the folder of a file that has it
        for path in markdown():
            blocks, inline = read(path)
            for command in [*inline, *(command for block in blocks for command in block.commands())]:
                cls.found.setdefault(re.sub(r"\s+#.*", "", command).strip(), path)
        for command in read_html(HANDOUT):
            cls.found.setdefault(command, HANDOUT)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_it(self, line):
        apart = {"XDG_STATE_HOME": str(self.scratch / "forgotten")} if " reset" in line else {}
        return output("bash", "-c", "set -o pipefail\n" + line, cwd=self.scratch, env={**self.environment, **apart})

    def test_there_are_commands_and_every_block_says_what_it_holds(self):
        self.assertGreater(len(self.found), 60)
        for path in markdown():
            for block in read(path)[0]:
                self.assertIn(block.language, LANGUAGES, f"{path}:{block.first}")

    def test_every_command_works(self):
        def check(item):
            line, path = item
            if any(re.fullmatch(pattern, line) for pattern in EXCEPTIONS):
                return ""
            if not shutil.which("man"):
                line = line.removesuffix(" | man -l -")
            if is_quick(line):
                ran = self.run_it(line)
                return "" if ran.returncode == 0 else f"it ended with {ran.returncode}: {ran.stdout[-500:]}"
            commands = [command for command in simple(line)
                        if not any(re.fullmatch(pattern, " ".join(command)) for pattern in EXCEPTIONS)]
            return next(filter(None, map(Checks(path.parent).of, commands)), "")
        with ThreadPoolExecutor(2) as both:
            problems = [f"{path.relative_to(ROOT)}: {line}\n    {wrong}"
                        for (line, path), wrong in zip(self.found.items(), both.map(check, self.found.items())) if wrong]
        self.assertEqual(problems, [], "\n".join(problems))

    def test_a_command_that_does_not_work_is_found(self):
        for line in ("./run mapp", "./run race --nonsense", "./run scale pi --no-such-option", "mpworkshop compare pi -z",
                     "./test -R NoSuchTest", "./test -L nothing", ".ci/setup nonsense", ".ci/fuzz 60 nonsense",
                     ".ci/nonsense", ".ci/long nonsense", "cmake --preset nonsense", "npm run nonsense", "frobnicate now",
                     "cmake --build build/release --target nonsense", "cmake -B build/mp -D NONSENSE=ON",
                     "build/release/tests/nonsense 3", "build/release/tests/bench/mpbench --nonsense",
                     "python3 tests/bench/ranks.py --nonsense", "python3 tests/nonsense.py", "tests/slurm/nonsense",
                     "python3 -c 'import nonsense_'", "hyperfine 'mpworkshop nonsense' 'mpworkshop map'",
                     "mpirun --host a,b mpworkshop nonsense", "sbatch nonsense.sbatch", "./nonsense"):
            with self.subTest(line):
                wrong = [Checks(ROOT).of(command) for command in simple(line)]
                self.assertTrue(any(wrong) or is_quick(line) and self.run_it(line).returncode != 0)

    def test_every_option_that_a_text_names_exists(self):
        names = re.findall(r"^  ([a-z][a-z-]+)  +\S", help_of(PROGRAM), re.M)
        self.assertGreater(len(names), 25)
        known = options_in("\n".join(help_of(PROGRAM, name) for name in names))
        self.assertEqual(known & {"--nonsense", "--mca"}, set())
        unknown = [f"{path.relative_to(ROOT)}: {option}" for path in texts_for_users()
                   for option in sorted(options_in(path.read_text()) - known - set(OTHERS))]
        self.assertEqual(unknown, [], "\n".join(unknown))
        everything = set().union(*(options_in(path.read_text()) for path in texts_for_users()))
        self.assertEqual(set(OTHERS) - everything, set(), "no text names them")

    def test_links_lead_to_files(self):
        broken, links = [], 0
        for path in markdown():
            for target in re.findall(r"\]\((?!https?:|\{\{)([^)#\s]+)", re.sub(r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.S)):
                links += 1
                if not (path.parent / target).exists():
                    broken.append(f"{path.relative_to(ROOT)}: {target}")
        self.assertEqual(broken, [])
        self.assertGreater(links, 20)

    def test_the_handout_has_commands(self):
        self.assertGreater(len(read_html(HANDOUT)), 10)

    def test_every_exception_is_needed(self):
        everything = [part for line in self.found for part in [line, *(" ".join(each) for each in simple(line))]]
        for pattern in EXCEPTIONS:
            self.assertTrue(any(re.fullmatch(pattern, line) for line in everything), pattern)

    def test_the_batch_script_is_the_one_that_is_tested(self):
        for name in ("README.md", "docs/cluster.md"):
            scripts = ["\n".join(block.lines) + "\n" for block in read(ROOT / name)[0]
                       if block.lines[:1] == ["#!/bin/bash"]]
            self.assertEqual(scripts, [(ROOT / "tests/slurm/pi.sbatch").read_text()], name)

    def test_targets_of_the_readme_exist_in_the_folder_that_run_has_configured(self):
        """./run configures without tests; a preset that is named by hand must bring them back."""
        lines = [line for line in self.found if "--preset release" in line and "--target" in line]
        self.assertTrue(lines)
        clone = self.scratch / "clone"
        clone.mkdir()
        for entry in ROOT.iterdir():
            if entry.name not in ("build", ".git"):
                (clone / entry.name).symlink_to(entry)
        (clone / "build/release").mkdir(parents=True)
        (clone / "build/release/CMakeCache.txt").write_text("MPWORKSHOP_TESTS:BOOL=OFF\n")
        for command in (command for line in lines for command in simple(line) if command[0] == "cmake"):
            generator = re.search(r"^CMAKE_GENERATOR:INTERNAL=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)[1]
            command = [*command, "--", "-n"] if "--target" in command else [*command, "-G", generator]
            ran = output(*command, cwd=clone)
            self.assertEqual(ran.returncode, 0, ran.stdout[-2000:])


if __name__ == "__main__":
    unittest.main()
