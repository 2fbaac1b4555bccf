#!/usr/bin/env python3
"""Tests ./run and ./test on a small project of the same shape, in a folder with spaces, with stand-ins for apt."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(small CXX)
option(MPWORKSHOP_TESTS "" ON)
add_executable(mpworkshop src/main.cpp)
target_compile_definitions(mpworkshop PRIVATE KIND="$<CONFIG>" CXX="${CMAKE_CXX_COMPILER}")
if(MPWORKSHOP_TESTS)
  enable_testing()
  add_test(NAME good COMMAND mpworkshop)
endif()
"""
PRESETS = """
{ "version": 6, "configurePresets": [ { "name": "release", "generator": "Ninja",
  "binaryDir": "${sourceDir}/build/release", "cacheVariables": { "CMAKE_BUILD_TYPE": "Release" } } ] }
"""
MAIN = """
#include <cstdio>
#include "word.hpp"
int main(int argc, char** argv) {
    std::puts(word);
    for (int i = 1; i < argc; ++i) std::puts(argv[i]);
    for (int c; argc == 1 && (c = std::getchar()) != EOF;) std::putchar(c);
    return argc > 2 ? 7 : 0;
}
"""


class House(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.built = Path(cls.folder.name) / "built once"
        for name in ("run", "test", ".ci/setup", ".ci/build", ".ci/results"):
            (cls.built / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, cls.built / name)
        for name, text in {"CMakeLists.txt": CMAKE, "CMakePresets.json": PRESETS, "src/main.cpp": MAIN,
                           "src/word.hpp": 'constexpr auto word = "hello";\n', "exercises/lesson.cpp": ""}.items():
            (cls.built / name).parent.mkdir(exist_ok=True)
            (cls.built / name).write_text(text)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.root = Path(self.folder.name) / "a folder"
        shutil.copytree(self.built, self.root, symlinks=True)
        self.addCleanup(shutil.rmtree, self.root)

    def run_it(self, *args, script="run", cwd="/", path=None, stdin="", **variables):
        env = {**os.environ, "PATH": path or os.environ["PATH"], **variables}
        return subprocess.run([self.root / script, *args], cwd=cwd, env=env, input=stdin, capture_output=True, text=True)

    def in_root(self, name, text):
        (self.root / name).write_text(text)

    def tools_without(self, *hidden):
        """A PATH with every command of this machine but these."""
        folder = Path(self.folder.name) / "tools"  # no space in this one: make itself could not be called
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        for place in os.environ["PATH"].split(":"):
            for tool in Path(place).glob("*"):
                if tool.name not in hidden and not (folder / tool.name).exists():
                    (folder / tool.name).symlink_to(tool)
        return folder

    # ./run

    def test_stdout_is_the_programs_and_what_the_build_says_is_short(self):
        first = self.run_it("one", "two words")
        self.assertEqual((first.stdout, first.returncode), ("hello\none\ntwo words\n", 7))
        self.assertIn("building", first.stderr)
        self.assertLessEqual(first.stderr.count("\n"), 3)
        again = self.run_it(stdin="what stdin holds\n")
        self.assertEqual((again.stdout, again.stderr, again.returncode), ("hello\nwhat stdin holds\n", "", 0))

    def test_stdin_reaches_the_program_through_a_build(self):
        self.assertEqual(self.run_it(stdin="what stdin holds\n").stdout, "hello\nwhat stdin holds\n")

    def test_when_nothing_changed_it_adds_less_than_100_ms_of_cpu_time(self):
        self.run_it("x")

        def cpu_seconds(command):
            program = os.posix_spawn(command, [str(command), "x"], os.environ, file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
            used = os.wait4(program, 0)[2]
            return used.ru_utime + used.ru_stime

        least = {self.root / "run": 9.0, self.root / "build/release/mpworkshop": 9.0}
        for _ in range(10):
            for command in least:
                least[command] = min(least[command], cpu_seconds(command))
        ours, theirs = least.values()
        self.assertLess(ours - theirs, 0.1)

    def test_the_program_knows_what_was_typed(self):
        self.in_root("src/main.cpp", "#include <cstdio>\n#include <cstdlib>\n"
                     'int main() { std::puts(std::getenv("MPWORKSHOP_SCRIPT")); }\n')
        self.assertEqual(self.run_it().stdout, f"{self.root}/run\n")
        for typed, expected in (("./run", "./run\n"), ("bash run", "./run\n"), ("cd src; ../run", "../run\n")):
            shell = subprocess.run(typed, shell=True, cwd=self.root, capture_output=True, text=True)
            self.assertEqual(shell.stdout, expected)

    def test_a_change_is_built(self):
        self.run_it("x")
        self.in_root("src/word.hpp", 'constexpr auto word = "changed";\n')
        self.assertEqual(self.run_it("x").stdout, "changed\nx\n")

    def test_a_file_that_comes_or_goes_is_noticed(self):
        self.run_it("x")
        stamp = self.root / "build/release/.built"
        before = stamp.stat().st_mtime_ns
        (self.root / "exercises/lesson.cpp").unlink()
        self.run_it("x")
        self.assertGreater(stamp.stat().st_mtime_ns, before)
        (self.root / "src/word.hpp").unlink()
        self.assertEqual(self.run_it("x").returncode, 1)

    def test_a_failed_build_shows_the_error_and_the_log_and_runs_nothing(self):
        self.run_it("x")
        self.in_root("src/word.hpp", "not C++\n")
        for _ in range(2):  # a failure is not taken for a good build the next time
            failed = self.run_it("x")
            self.assertEqual((failed.stdout, failed.returncode), ("", 1))
            self.assertRegex(failed.stderr, r"word\.hpp:1:\d+: error")
            self.assertIn(str(self.root / "build/release/run.log"), failed.stderr)
            self.assertLess(failed.stderr.count("\n"), 25)
        self.in_root("src/word.hpp", 'constexpr auto word = "mended";\n')
        self.assertEqual(self.run_it("x").stdout, "mended\nx\n")

    def test_it_works_through_a_link(self):
        link = Path(self.folder.name) / "link"
        link.symlink_to(self.root / "run")
        self.assertEqual(subprocess.run([link, "x"], capture_output=True, text=True).stdout, "hello\nx\n")

    def test_a_copied_folder_builds_itself_and_not_the_original(self):
        self.run_it("x")
        original, self.root = self.root, Path(self.folder.name) / "a copy"
        shutil.copytree(original, self.root, symlinks=True)
        self.addCleanup(shutil.rmtree, self.root)
        self.in_root("src/word.hpp", 'constexpr auto word = "copy";\n')
        self.assertEqual(self.run_it("x").stdout, "copy\nx\n")
        self.root = original
        self.assertEqual(self.run_it("x").stdout, "hello\nx\n")

    def test_several_at_once_build_once(self):
        both = [subprocess.Popen([self.root / "run", "x"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(3)]
        outputs = [one.communicate() for one in both]
        self.assertEqual([out for out, _ in outputs], ["hello\nx\n"] * 3)
        self.assertEqual(sum("building" in err for _, err in outputs), 1)

    def test_ctrl_c_ends_it_and_is_no_failed_build(self):
        self.in_root("CMakeLists.txt", CMAKE + "add_custom_target(slow COMMAND cat ${CMAKE_SOURCE_DIR}/input)\n"
                     "add_dependencies(mpworkshop slow)\n")
        os.mkfifo(self.root / "input")
        run = subprocess.Popen([self.root / "run", "x"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
        with open(self.root / "input", "w"):  # opens once `cat` has opened it, too, which then waits
            os.killpg(run.pid, signal.SIGINT)
            out, err = run.communicate(timeout=20)
        self.assertEqual((out, run.returncode), ("", -signal.SIGINT))
        self.assertNotIn("failed", err)

    def test_make_will_do_where_ninja_is_not(self):
        run = self.run_it("x", path=str(self.tools_without("ninja")))
        self.assertEqual(run.stdout, "hello\nx\n", run.stderr)

    def test_what_a_build_leaves_running_does_not_hold_the_lock(self):
        self.in_root("serve", "cat input >/dev/null 2>&1 </dev/null &\necho $! >server\n")
        self.in_root("CMakeLists.txt", CMAKE + "add_custom_command(TARGET mpworkshop POST_BUILD COMMAND sh ./serve\n"
                     "  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})\n")
        os.mkfifo(self.root / "input")
        self.run_it("x")
        server = int((self.root / "server").read_text())
        self.in_root("CMakeLists.txt", CMAKE)
        again = subprocess.Popen([self.root / "run", "x"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = again.stderr.readline()
        os.kill(server, signal.SIGKILL)  # fails if it had ended by itself
        out, err = again.communicate()
        self.assertNotIn("waiting", first + err)
        self.assertEqual(out, "hello\nx\n", first + err)

    # A build folder that was filled by hand

    def by_hand(self, *options):
        subprocess.run(["cmake", "-S", self.root, "-B", self.root / "build/release", *options], check=True,
                       capture_output=True)
        subprocess.run(["cmake", "--build", self.root / "build/release"], check=True, capture_output=True)

    def test_a_folder_that_was_configured_by_hand_becomes_the_usual_one(self):
        self.in_root("src/word.hpp", "constexpr auto word = KIND;\n")
        ways = {"first, with make": ("-G", "Unix Makefiles", "-D", "CMAKE_BUILD_TYPE=Debug"),
                "since": ("-D", "CMAKE_BUILD_TYPE=Debug"),
                "since, with several configurations": ("--fresh", "-G", "Ninja Multi-Config")}
        for name, options in ways.items():
            with self.subTest(name):
                self.by_hand(*options)
                self.assertEqual(self.run_it("x").stdout, "Release\nx\n")
        self.assertEqual(self.run_it("x").stderr, "")

    def test_tests_that_were_turned_off_by_hand_are_run_all_the_same(self):
        self.run_it(script="test")
        self.by_hand("-D", "MPWORKSHOP_TESTS=OFF")
        self.in_root("CMakeLists.txt", CMAKE.replace("endif()", "  add_test(NAME more COMMAND mpworkshop)\nendif()"))
        self.assertEqual(self.run_it(script="test").stdout.splitlines()[-1:], ["2 passed, 0 failed"])

    def test_tests_that_were_turned_on_by_hand_stay(self):
        self.run_it("x")
        self.by_hand("-D", "MPWORKSHOP_TESTS=ON")
        self.run_it("x")
        self.assertIn("MPWORKSHOP_TESTS:BOOL=ON", (self.root / "build/release/CMakeCache.txt").read_text())

    def test_a_copied_folder_needs_nothing_of_the_original(self):
        self.run_it(script="test")
        self.run_it("x")
        original, self.root = self.root, Path(self.folder.name) / "another copy"
        shutil.copytree(original, self.root, symlinks=True)
        self.addCleanup(shutil.rmtree, self.root)
        shutil.move(original, Path(self.folder.name) / "moved")
        self.addCleanup(shutil.move, Path(self.folder.name) / "moved", original)
        self.assertEqual(self.run_it("x").stdout, "hello\nx\n")
        self.assertFalse(str(original) in (self.root / "build/release/CMakeCache.txt").read_text())
        self.assertEqual(self.run_it(script="test").stdout.splitlines()[-1:], ["1 passed, 0 failed"])

    def test_a_compiler_that_was_removed_since_is_replaced(self):
        self.in_root("src/word.hpp", "constexpr auto word = CXX;\n")
        compiler = self.root / "a-compiler"
        compiler.symlink_to(shutil.which("c++"))
        self.assertEqual(self.run_it("x", CXX=str(compiler)).stdout, f"{compiler}\nx\n")
        compiler.unlink()
        self.assertEqual(self.run_it("x").stdout, f"{compiler}\nx\n")  # nothing changed, and so needs no compiler
        self.in_root("src/word.hpp", "constexpr auto word = CXX ;\n")
        run = self.run_it("x")
        self.assertRegex(run.stdout, r"^/.*\+\+.*\nx\n$", run.stderr)
        self.assertNotIn(str(compiler), run.stdout)

    # What is missing

    def needs_a_library(self):
        self.in_root("CMakeLists.txt", CMAKE + 'if(NOT EXISTS "${CMAKE_SOURCE_DIR}/library")\n'
                     '  message(FATAL_ERROR "mpworkshop needs fmt spdlog\\n")\nendif()\n')

    def test_without_apt_the_packages_are_named_for_four_systems(self):
        self.needs_a_library()
        stopped = self.run_it("x", path=str(self.tools_without("apt-get", "sudo")))
        self.assertEqual((stopped.stdout, stopped.returncode), ("", 1))
        self.assertIn("mpworkshop needs fmt spdlog\n", stopped.stderr)
        for words in (r"apt +cmake .*libfmt-dev", r"dnf +.*fmt-devel", r"conda +.*cli11", r"dnf .*untried", r"bin/mpworkshop"):
            self.assertRegex(stopped.stderr, words)
        self.assertNotIn("gtest", stopped.stderr)
        self.assertIn("libgtest-dev", self.run_it(script="test", path=str(Path(self.folder.name) / "tools")).stderr)

    def test_without_cmake_and_apt_the_packages_are_named(self):
        stopped = self.run_it("x", path=str(self.tools_without("cmake", "apt-get", "sudo")))
        self.assertEqual(stopped.returncode, 1)
        self.assertIn("libfmt-dev", stopped.stderr)

    def test_what_is_missing_is_said_and_installed_by_apt(self):
        self.needs_a_library()
        tools = self.tools_without("apt-get", "dpkg-query", "sudo")
        stand_ins = {  # fmt is missing, and the lists of packages are too
            "dpkg-query": 'case "$4" in libfmt-dev) ;; *) echo installed ;; esac',
            "apt-get": f'echo "$@" >>"{self.root}/calls"; echo noise; case "$*" in *update*) touch "{self.root}/lists" ;;'
                       f' *) [ -e "{self.root}/lists" ] && touch "{self.root}/library" ;; esac',
            "sudo": '[ "$1" = -n ] && shift; exec "$@"',
        }
        for name, body in stand_ins.items():
            (tools / name).write_text(f"#!/bin/sh\n{body}\n")
            (tools / name).chmod(0o755)
        run = self.run_it("x", path=str(tools))
        self.assertEqual(run.stdout, "hello\nx\n", run.stderr)
        self.assertRegex(run.stderr, r"mpworkshop: installing with (sudo )?apt-get: libfmt-dev\n")
        calls = [re.sub(r"-\S+ |DPkg\S+ ", "", call) for call in (self.root / "calls").read_text().splitlines()]
        self.assertEqual(calls, ["install libfmt-dev", "update", "install libfmt-dev"])

    # ./test

    def test_the_last_line_counts_and_the_exit_code_says_failed(self):
        good = self.run_it(script="test")
        self.assertEqual((good.stdout.splitlines()[-1], good.returncode), ("1 passed, 0 failed", 0))
        self.in_root("CMakeLists.txt", CMAKE + """
            add_test(NAME bad COMMAND false)
            add_test(NAME lost COMMAND no-such-program)
            add_test(NAME other COMMAND mpworkshop "SKIP & why")
            set_tests_properties(other PROPERTIES SKIP_REGULAR_EXPRESSION SKIP)
            """)
        bad = self.run_it(script="test")
        self.assertEqual((bad.stdout.splitlines()[-1], bad.returncode), ("1 passed, 2 failed, 1 skipped", 1))
        self.assertIn("\nskipped: other: SKIP & why\n", bad.stdout)
        one = self.run_it("-R", "good", script="test")
        self.assertEqual((one.stdout.splitlines()[-1], one.returncode), ("1 passed, 0 failed", 0))
        none = self.run_it("-R", "nothing", script="test")
        self.assertNotEqual(none.returncode, 0)

    def test_a_change_is_run_after_test_too(self):
        self.run_it(script="test")
        self.in_root("src/word.hpp", 'constexpr auto word = "changed";\n')
        self.assertEqual(self.run_it("x").stdout, "changed\nx\n")


if __name__ == "__main__":
    unittest.main()
