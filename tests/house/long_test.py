#!/usr/bin/env python3
"""Tests .ci/long in a small clone, where ./test and `deaths` are stand-ins; and what ./test says of skipped tests."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "PATH": os.environ["PATH"]}

SMALL = """
cmake_minimum_required(VERSION 3.25)
project(small NONE)
enable_testing()
add_test(NAME good COMMAND true)
add_test(NAME plot COMMAND sh -c "command -v rsvg-convert || { echo ${WHY}; exit 77; }")
set_tests_properties(plot PROPERTIES SKIP_RETURN_CODE 77)
"""
PRESETS = """
{ "version": 6, "configurePresets": [ { "name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release",
  "cacheVariables": { "WHY": "there is no rsvg-convert" } } ] }
"""

JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite tests="5" failures="0">
	<testcase name="Good.one" classname="Good.one" time="0.1" status="run">
		<system-out>[ RUN ] it is not Skipped
</system-out>
	</testcase>
	<testcase name="Scale.draws" classname="Scale.draws" time="0.1" status="notrun">
		<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
		<system-out>[ RUN      ] Scale.draws
/a/scale_test.cpp:54: Skipped
there is no &quot;rsvg-convert&quot;

[  SKIPPED ] Scale.draws (3 ms)
</system-out>
	</testcase>
	<testcase name="house.run" classname="house.run" time="0.1" status="notrun">
		<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
		<system-out>skipped: there is no python3
</system-out>
	</testcase>
	<testcase name="Silent.one" classname="Silent.one" time="0.1" status="notrun">
		<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
		<system-out>/a/b_test.cpp:1: Skipped


[  SKIPPED ] Silent.one (3 ms)
</system-out>
	</testcase>
	<testcase name="Lost.one" classname="Lost.one" time="0.1" status="fail">
		<failure message=""/>
		<system-out>Skipped nothing</system-out>
	</testcase>
</testsuite>
"""


class Long(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "a clone"
        (self.root / ".ci").mkdir(parents=True)
        shutil.copy2(ROOT / ".ci/long", self.root / ".ci/long")
        self.stand_in("test", "exit 0")
        self.stand_in("build/release/tests/worker_exits", "echo nothing died")
        (self.root / ".gitignore").write_text("/build/\n")
        self.git("init", "--quiet")
        self.commit()

    def stand_in(self, name, body):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)

    def git(self, *words):
        return subprocess.run(["git", *words], cwd=self.root, env=HERE, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", "a state")

    def long(self, *words):
        return subprocess.run([self.root / ".ci/long", *words], env=HERE, capture_output=True, text=True)

    def row(self, step):
        return next(line.split() for line in self.long("status").stdout.splitlines() if line.startswith(step + " "))

    def test_a_step_notes_commit_tree_and_result(self):
        done = self.long("deaths")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "1 passed, 0 not"), done.stdout)
        self.assertEqual(self.row("deaths")[1:4], ["passed", self.git("rev-parse", "HEAD")[:7], "clean"])
        self.assertEqual((self.root / "build/ci/long-deaths.log").read_text(), "nothing died\n")
        self.assertEqual(self.row("chaos")[1:3], ["-", "-"])
        self.assertIn("1 of ", self.long("status").stdout)

    def test_a_step_that_fails_shows_why_and_says_so(self):
        self.stand_in("build/release/tests/worker_exits", "echo too many >&2; exit 3")
        done = self.long("deaths", "every-test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("too many", done.stdout)
        self.assertIn("1 passed, 1 not", done.stdout)
        self.assertEqual(self.row("deaths")[1], "failed")
        self.assertEqual(self.row("every-test")[1], "passed")

    def test_what_passed_on_another_commit_or_on_changed_files_does_not_count(self):
        self.long("deaths")
        self.commit()
        self.assertIn("0 of ", self.long("status").stdout)
        (self.root / "new").write_text("")
        self.assertEqual(self.long("deaths").returncode, 0)
        self.assertEqual(self.row("deaths")[1:4], ["passed", self.git("rev-parse", "HEAD")[:7], "changed"])
        self.assertIn("0 of ", self.long("status").stdout)

    def test_no_step_passes_when_files_changed_meanwhile(self):
        for change in ("touch -c test", "echo >more", "echo >>.gitignore", "rm .gitignore",
                       "git commit --quiet --allow-empty -m more"):
            with self.subTest(change):
                self.stand_in("build/release/tests/worker_exits", change)
                done = self.long("deaths")
                self.assertEqual(done.returncode, 1)
                self.assertIn("files changed", done.stdout)
                self.assertEqual(self.row("deaths")[1:4:2], ["void", "changing"])
                (self.root / ".gitignore").write_text("/build/\n")

    def test_an_interrupted_step_has_no_result(self):
        self.long("deaths")
        self.stand_in("build/release/tests/worker_exits", "kill -9 $PPID")
        self.long("deaths")
        self.assertEqual(self.row("deaths")[1], "-")

    def test_the_rest_is_what_has_not_passed_here(self):
        text = (self.root / ".ci/long").read_text()
        self.assertIn('\nmain "$@"\n', text)
        only_names = text.replace('\nmain "$@"\n', '\nrun() { echo "= $1"; }\nmain "$@"\n')
        (self.root / "build/names").write_text(only_names)
        for name in ("every-test", "every-test-20", "one-cpu-20", "mpi-20"):
            self.long(name)

        def chosen(*words):
            done = subprocess.run(["bash", "build/names", *words], cwd=self.root, env=HERE, capture_output=True, text=True)
            return [line[2:] for line in done.stdout.splitlines() if line.startswith("= ")]
        self.assertEqual(len(chosen("rest")) + 4, len(chosen()))
        self.assertIn("deaths", chosen("rest"))
        self.assertNotIn("one-cpu-20", chosen("rest"))

    def test_a_name_that_is_no_step_is_refused(self):
        wrong = self.long("deaths", "nonsense")
        self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
        self.assertIn("every-test-20", wrong.stderr)

    def test_every_step_has_a_function(self):
        names = [line.split()[0] for line in self.long("status").stdout.splitlines()[2:-1]]
        text = (ROOT / ".ci/long").read_text()
        self.assertGreater(len(names), 10)
        for name in names:
            self.assertIn(f"\nstep_{name.replace('-', '_')}()", text)

    def without(self, *words):
        return subprocess.run([self.root / ".ci/without", *words], env=HERE, capture_output=True, text=True)

    @unittest.skipUnless(shutil.which("ninja"), "there is no ninja")
    def test_a_program_is_taken_away_and_tests_must_say_that_they_miss_it(self):
        for name in (".ci/without", ".ci/results"):
            shutil.copy2(ROOT / name, self.root / name)
        (self.root / "CMakeLists.txt").write_text(SMALL)
        (self.root / "CMakePresets.json").write_text(PRESETS)
        good = self.without("rsvg")
        self.assertEqual((good.stdout, good.returncode), (
            "== without rsvg\nskipped: plot: there is no rsvg-convert\n1 passed, 0 failed, 1 skipped\n1 passed, 0 failed\n", 0))
        self.assertIn("1 passed, 0 failed\n", self.without("rsvg", "--", "-R", "good").stdout)
        (self.root / "CMakePresets.json").write_text(PRESETS.replace("there is no rsvg-convert", ""))
        silent = self.without("rsvg")
        self.assertIn("do not say why", silent.stdout)
        self.assertEqual(silent.returncode, 1)
        self.assertEqual(self.without("nonsense").returncode, 2)

    def test_the_reasons_of_skipped_tests_are_found(self):
        results = self.root / "tests.xml"
        results.write_text(JUNIT)
        done = subprocess.run(["bash", "-c", '. "$0" && summary "$1" 0', ROOT / ".ci/results", results],
                              capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr, done.returncode), (
            'skipped: Scale.draws: there is no "rsvg-convert"\nskipped: house.run: there is no python3\nskipped: Silent.one: \n'
            "1 passed, 1 failed, 3 skipped\n", "", 1))


if __name__ == "__main__":
    if not shutil.which("git"):
        print("there is no git")
        sys.exit(77)
    unittest.main()
