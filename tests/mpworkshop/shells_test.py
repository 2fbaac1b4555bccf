#!/usr/bin/env python3
"""The output of `mpworkshop completion` and `mpworkshop man`, tried in the shells and programs that read it.

    shells_test.py PROGRAM
"""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "build/release/mpworkshop"
PATIENCE = 60  # seconds without output, after which a shell counts as stuck


def printed(*words):
    return subprocess.run([PROGRAM, *words], check=True, capture_output=True, text=True).stdout


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"there is no {program}")


class Terminal:
    """A shell in a separate terminal, in a folder with the given files."""

    def __init__(self, command, start):
        self.folder = tempfile.TemporaryDirectory()
        (Path(self.folder.name) / "numbers one.txt").touch()
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(self.folder.name)
            os.environ.update(PS1="$ ", TERM="dumb", HOME=self.folder.name, COLUMNS="200")
            os.execvp(command[0], command)
        self.text = ""
        self.type(start + "\n")
        # In two parts, so that the echo of what is typed is not taken for the answer.
        self.type("echo re''ady\n")
        self.wait_for("ready")

    def type(self, keys):
        os.write(self.end, keys.encode())

    def wait_for(self, what):
        while what not in self.text:
            if not select.select([self.end], [], [], PATIENCE)[0]:
                raise AssertionError(f"{what!r} did not come; the terminal shows {self.text!r}")
            try:
                self.text += os.read(self.end, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"{what!r} did not come before the end: {self.text!r}") from None

    def completed(self, keys, expected):
        """Types the keys, where \t completes, and Enter; returns the arguments with which mpworkshop is then called."""
        self.text = ""
        self.type(keys + "\n")
        self.wait_for(f"<{expected}>")

    def close(self):
        os.close(self.end)
        os.waitpid(self.pid, 0)
        self.folder.cleanup()


# Shows what it is called with, each word in brackets.
SHOW = """mpworkshop() { printf '<'; printf '[%s]' "$@"; printf '>\\n'; }"""

CASES = [  # what is typed, what the program is called with
    ("mpworkshop proc\t", "[process-demo]"),
    ("mpworkshop map --chunks\t 3", "[map][--chunksize][3]"),
    ("mpworkshop map --backend thr\t", "[map][--backend][threads]"),
    ("mpworkshop --quiet pi-p\t", "[--quiet][pi-parallel]"),
    ("mpworkshop map --input numb\t", "[map][--input][numbers one.txt]"),
    ("mpworkshop explain conc\t", "[explain][concurrency]"),
    ("mpworkshop completion z\t", "[completion][zsh]"),
]


class Shells(unittest.TestCase):
    def all_cases(self, terminal):
        try:
            for keys, expected in CASES:
                with self.subTest(keys):
                    terminal.completed(keys, expected)
        finally:
            terminal.close()

    def script(self, shell):
        file = tempfile.NamedTemporaryFile("w", suffix=f".{shell}")
        self.addCleanup(file.close)
        file.write(printed("completion", shell))
        file.flush()
        return file.name

    @needs("bash")
    def test_bash(self):
        self.all_cases(Terminal(["bash", "--norc", "--noprofile", "-i"], f"source {self.script('bash')}; {SHOW}"))

    @needs("bash")
    def test_bash_completes_the_value_behind_an_equals_sign(self):
        terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], f"source {self.script('bash')}; {SHOW}")
        self.addCleanup(terminal.close)
        terminal.completed("mpworkshop map --backend=ser\t", "[map][--backend=serial]")

    @needs("zsh")
    def test_zsh(self):
        start = f"autoload -Uz compinit; compinit -u -D; source {self.script('zsh')}; {SHOW}"
        terminal = Terminal(["zsh", "-f", "-i"], start)
        self.all_cases(terminal)

    @needs("zsh")
    def test_zsh_finds_it_as_a_file_in_its_path_of_functions(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "_mpworkshop").write_text(printed("completion", "zsh"))
            terminal = Terminal(["zsh", "-f", "-i"],
                                f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; {SHOW}")
            self.addCleanup(terminal.close)
            terminal.completed("mpworkshop proc\t", "[process-demo]")

    @needs("fish")
    def test_fish(self):
        script = self.script("fish")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "numbers.txt").touch()
            for keys, expected in [("mpworkshop proc", "process-demo"), ("mpworkshop map --chunks", "--chunksize"),
                                   ("mpworkshop map --backend thr", "threads"),
                                   ("mpworkshop --quiet pi-p", "pi-parallel"),
                                   ("mpworkshop map --input numb", "numbers.txt"),
                                   ("mpworkshop explain conc", "concurrency"), ("mpworkshop completion z", "zsh")]:
                with self.subTest(keys):
                    shown = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{keys}'"],
                                           check=True, capture_output=True, text=True, cwd=folder,
                                           env={**os.environ, "HOME": folder}).stdout
                    self.assertEqual([line.split("\t")[0] for line in shown.splitlines()], [expected])

    def test_every_subcommand_and_option_of_the_help_is_offered(self):
        subcommands = [line.split()[0] for line in printed("--help").splitlines()
                       if line.startswith("  ") and line[2].isalpha()]
        self.assertGreater(len(subcommands), 15)
        for shell in ("bash", "zsh", "fish"):
            script = printed("completion", shell)
            for name in subcommands:
                self.assertIn(name, script, shell)
                lines = printed(name, "--help").splitlines()
                for word in " ".join(line for line in lines if line.startswith("  -")).split():
                    word = word.rstrip(",;")  # another option's text may name it
                    if word.startswith("--"):
                        self.assertIn(word.lstrip("-") if shell == "fish" else word, script, f"{shell}: {name}")


class Manual(unittest.TestCase):
    @needs("mandoc")
    def test_mandoc_has_nothing_to_complain_of(self):
        lint = subprocess.run(["mandoc", "-T", "lint"], input=printed("man"), capture_output=True, text=True)
        self.assertEqual(lint.stdout + lint.stderr, "")

    @needs("man")
    def test_man_shows_every_subcommand(self):
        with tempfile.NamedTemporaryFile("w", suffix=".1") as page:
            page.write(printed("man"))
            page.flush()
            shown = subprocess.run(["man", "--warnings", "-l", page.name], capture_output=True, text=True,
                                   env={**os.environ, "MANWIDTH": "80", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
        self.assertEqual(shown.stderr, "")
        self.assertEqual(shown.returncode, 0)
        for name in ("cores", "pi-parallel", "compare", "completion"):
            self.assertRegex(shown.stdout, rf"(?m)^ +{name}\n +mpworkshop {name}")


if __name__ == "__main__":
    unittest.main()
