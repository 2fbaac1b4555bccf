#!/usr/bin/env python3
"""Adds one offense at a time to a copy of the sources, and checks that .ci/layers.py reports it."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / ".ci"))
import layers  # noqa: E402

# The file, the line added to it, and a word that the report must contain.
FORBIDDEN = [
    # layer 0: the system, and nothing of mp
    ("src/mp/os/planted.cpp", '#include "mp/error.hpp"', "layer 0 does not see layer 1"),
    ("src/mp/os/planted.cpp", '#include "../error.hpp"', "layer 0 does not see layer 1"),
    ("src/mp/os/planted.cpp", "#include <spdlog/spdlog.h>", "spdlog"),
    # only Linux: in *_linux files
    ("src/mp/os/planted.cpp", "#include <sys/epoll.h>", "linux"),
    ("src/mp/os/planted.cpp", "#include <linux/futex.h>", "linux"),
    ("src/mp/os/planted.cpp", "int f() { return ::memfd_create(0, 0); }", "memfd_create"),
    ("src/mp/os/planted.cpp", "auto f = call(::sched_getaffinity, 0);", "sched_getaffinity"),
    ("src/mpworkshop/sys/planted.cpp", "#include <sys/prctl.h>", "linux"),
    # layer 1
    ("src/mp/error.cpp", "#include <unistd.h>", "kernel"),
    ("src/mp/error.hpp", '#include "mp/os/syscall.hpp"', "public header"),
    ("src/mp/error.cpp", '#include "mp/process.hpp"', "layer 1 does not see layer 2"),
    ("src/mp/log.hpp", "#include <cereal/cereal.hpp>", "cereal"),
    ("src/mp/codec.hpp", "#include <cereal/cereal.hpp>", "cereal"),
    ("src/mp/log.cpp", "#include <fmt/core.h>", "fmt"),
    # layer 2
    ("src/mp/process.cpp", '#include "mp/backend.hpp"', "layer 2 does not see layer 3"),
    ("src/mp/shared.hpp", '#include "mp/os/memory.hpp"', "public header"),
    ("src/mp/cpu.cpp", "#include <sched.h>", "kernel"),
    # layer 3
    ("src/mp/backend.hpp", '#include "mp/pool.hpp"', "layer 3 does not see layer 5"),
    ("src/mp/scheduler/planted.cpp", '#include "mp/backends/planted.hpp"', "layer 3 does not see layer 4"),
    # layer 4
    ("src/mp/backends/planted.cpp", '#include "mp/pool.hpp"', "layer 4 does not see layer 5"),
    ("src/mp/backends/planted.cpp", "#include <signal.h>", "kernel"),
    ("src/mp/backends/planted.cpp", "#include <dlfcn.h>", "dlfcn"),
    # layer 5
    ("src/mp/pool.hpp", "#include <fmt/format.h>", "fmt"),
    ("src/mp/pool.hpp", '#include "mp/backends/planted.hpp"', "public header"),
    ("src/mp/pool.cpp", "#include <CLI/CLI.hpp>", "CLI11"),
    ("src/mp/pool.cpp", "#include <nlohmann/json.hpp>", "json"),
    ("src/mp/pool.cpp", "#include <mpi.h>", "mpi"),
    ("src/mp/pool.cpp", '#include "mpworkshop/kit/exercise.hpp"', "layer 5 does not see layer 9"),
    ("src/mp_mpi/planted.cpp", '#include "mp/os/memory.hpp"', "engine's inside"),
    ("src/mp_mpi/planted.hpp", '#include "mp/scheduler/scheduler.hpp"', "engine's inside"),
    ("src/mp_mpi/planted.cpp", "#include <spdlog/spdlog.h>", "spdlog"),
    ("src/mp/planted.cpp", "", "no layer"),
    # the program, folder by folder
    ("src/mpworkshop/text/planted.cpp", '#include "mpworkshop/sys/planted.hpp"', "layer 6 does not see layer 7"),
    ("src/mpworkshop/sys/planted.cpp", '#include "mpworkshop/input/planted.hpp"', "layer 7 does not see layer 8"),
    ("src/mpworkshop/sys/planted.cpp", '#include "exercises/planted.hpp"', "layer 7 does not see layer 10"),
    ("src/mpworkshop/sys/planted.hpp", "#include <hwloc.h>", "hwloc"),
    ("src/mpworkshop/sys/planted.hpp", "#include <sys/wait.h>", "kernel"),
    ("src/mpworkshop/sys/planted.cpp", "#include <nlohmann/json.hpp>", "json"),
    ("src/mpworkshop/sys/planted.cpp", '#include "mp/os/memory.hpp"', "engine's inside"),
    ("src/mpworkshop/input/planted.cpp", '#include "mpworkshop/kit/planted.hpp"', "layer 8 does not see layer 9"),
    ("src/mpworkshop/kit/exercise.hpp", '#include "mpworkshop/cli/app.hpp"', "layer 9 does not see layer 13"),
    ("src/mpworkshop/kit/exercise.hpp", "#include <unistd.h>", "kernel"),
    ("src/mpworkshop/kit/planted.cpp", '#include "mpworkshop/report/planted.hpp"', "layer 9 does not see layer 11"),
    ("exercises/planted.cpp", "#include <spdlog/spdlog.h>", "spdlog"),
    ("exercises/planted.cpp", "#include <unistd.h>", "kernel"),
    ("exercises/planted.cpp", "#  include  <sys/wait.h>  // pid", "kernel"),
    ("exercises/planted.cpp", '#include "mpworkshop/cli/app.hpp"', "layer 10 does not see layer 13"),
    ("exercises/planted.cpp", '#include "../src/mpworkshop/cli/app.hpp"', "layer 10 does not see layer 13"),
    ("exercises/planted.cpp", '#include "mpworkshop/report/planted.hpp"', "layer 10 does not see layer 11"),
    ("exercises/planted.cpp", "#include <mp/backends/planted.hpp>", "engine's inside"),
    ("exercises/planted.cpp", "#include <hwloc.h>", "hwloc"),
    ("src/mpworkshop/report/planted.cpp", "#include <CLI/CLI.hpp>", "CLI11"),
    ("src/mpworkshop/report/planted.cpp", '#include "mpworkshop/cli/app.hpp"', "layer 11 does not see layer 13"),
    ("src/mpworkshop/curriculum/planted.cpp", '#include "mpworkshop/cli/app.hpp"', "layer 12 does not see layer 13"),
    ("src/mpworkshop/cli/app.cpp", '#include "mpworkshop/benchmark/planted.hpp"', "layer 13 does not see layer 14"),
    ("src/mpworkshop/cli/app.cpp", '#include "mp/os/memory.hpp"', "engine's inside"),
    ("src/mpworkshop/cli/app.cpp", "#include <mp/backends/planted.hpp>", "engine's inside"),
    ("src/mpworkshop/cli/app.cpp", "#include <hwloc.h>", "hwloc"),
    ("src/mpworkshop/benchmark/planted.cpp", '#include "mpworkshop/commands/planted.hpp"', "layer 14 does not see layer 16"),
    ("src/mpworkshop/commands/planted.cpp", "#include <unistd.h>", "kernel"),
    ("src/mpworkshop/planted.cpp", "", "no layer"),
    # anywhere
    ("src/mpworkshop/cli/app.cpp", '#include "mpworkshop/no_such_file.hpp"', "no such file"),
    ("src/mpworkshop/cli/app.cpp", "#include A_MACRO", "written out"),
]

ALLOWED = [
    ("src/mp/os/planted_linux.cpp", "#include <sys/epoll.h>\nint f() { return ::prctl(1); }"),
    ("src/mp/os/planted.cpp", "#include <unistd.h>\n#include <dlfcn.h>\n#include <vector>"),
    ("src/mp/os/planted.cpp", '// #include "mp/pool.hpp"\n/*\n#include "mp/pool.hpp"\n*/\nauto s = "prctl(";'),
    ("src/mp/cereal.hpp", "#include <cereal/cereal.hpp>"),
    ("src/mp/error.cpp", '#include "mp/os/planted.hpp"\n#include <string.h>'),
    ("src/mp/process.cpp", '#include "mp/os/planted.hpp"\n#include <sys/types.h>'),
    ("src/mp/backends/planted.cpp", '#include "mp/os/planted.hpp"\n#include "mp/shared.hpp"'),
    ("src/mp/backends/registry.cpp", "#include <dlfcn.h>"),
    ("src/mp_mpi/planted.cpp", "#include <mpi.h>\n#include <mp/backend.hpp>"),
    ("src/mp_mpi/planted.cpp", '#include "mp/os/descriptor.hpp"'),
    ("src/mpworkshop/sys/planted.cpp", "#include <unistd.h>\n#include <hwloc.h>"),
    ("exercises/planted.cpp", '#include <CLI/CLI.hpp>\n#include "mpworkshop/sys/planted.hpp"\n#include <mp/mp.hpp>'),
    ("src/mpworkshop/cli/app.cpp", "#include <CLI/CLI.hpp>"),
    ("src/mpworkshop/cli/planted.cpp", '#include <spdlog/spdlog.h>\n#include "exercises/planted.hpp"'),
    ("src/mpworkshop/commands/planted.cpp", '#include "mpworkshop/benchmark/planted.hpp"'),
]


class Layers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for top in ("src", "exercises"):
            shutil.copytree(ROOT / top, self.root / top)
        # Headers that the plants include, so that the tests do not depend on names in the real tree.
        for path in {"src/mp/backends/planted.hpp", "src/mp/os/planted.hpp", "src/mpworkshop/sys/planted.hpp",
                     "src/mpworkshop/input/planted.hpp", "src/mpworkshop/kit/planted.hpp",
                     "src/mpworkshop/report/planted.hpp", "src/mpworkshop/benchmark/planted.hpp",
                     "src/mpworkshop/commands/planted.hpp", "src/mpworkshop/cli/app.hpp",
                     "src/mpworkshop/kit/exercise.hpp",
                     "src/mp/backend.hpp", "src/mp/pool.hpp", "exercises/planted.hpp"}:
            self.write(path, "")

    def write(self, path, text):
        """Adds text to a file, new or not, and returns the number of its first line."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text() if file.exists() else ""
        file.write_text(before + text + "\n")
        return before.count("\n") + 1

    def report(self):
        run = subprocess.run([sys.executable, ROOT / ".ci/layers.py", "--root", self.root],
                             capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        self.assertEqual(run.returncode, 1 if run.stdout else 0)
        return run.stdout

    def test_the_project_is_clean(self):
        self.assertEqual(self.report(), "")

    def test_each_planted_offence_is_reported_with_file_line_and_reason(self):
        lines = [self.write(path, text) for path, text, _ in FORBIDDEN]
        report = self.report().splitlines()
        for (path, text, reason), line in zip(FORBIDDEN, lines):
            with self.subTest(path=path, text=text):
                where = f"{path}:{1 if reason == 'no layer' else line}: "
                found = [one for one in report if one.startswith(where)]
                self.assertTrue(any(reason in one for one in found), f"wanted '{reason}' at {where}, found {found}")

    def test_what_a_layer_may_use_is_accepted(self):
        before = self.report()
        for path, text in ALLOWED:
            self.write(path, text)
        self.assertEqual(self.report(), before)

    def test_a_circle_of_includes_is_reported(self):
        self.write("exercises/first.hpp", '#include "second.hpp"')
        self.write("exercises/second.hpp", '#include "exercises/third.hpp"')
        self.write("exercises/third.hpp", '#include "../exercises/first.hpp"')
        self.assertIn("exercises/third.hpp:1: closes a circle, exercises/first.hpp -> exercises/second.hpp", self.report())

    def test_a_folder_without_sources_is_an_error(self):
        shutil.rmtree(self.root / "src")
        shutil.rmtree(self.root / "exercises")
        self.assertIn("no sources", self.report())


class Lists(unittest.TestCase):
    """Sources are listed, so one that is not listed would silently be left out."""

    def unlisted(self, *globs):
        """The files that no CMakeLists.txt of their folder, or of one above it, names."""
        files = sorted(file for glob in globs for file in ROOT.glob(glob))
        return [str(file.relative_to(ROOT)) for file in files if not self.is_listed(file)]

    def is_listed(self, file):
        for folder in file.relative_to(ROOT).parents:
            page = ROOT / folder / "CMakeLists.txt"
            name = re.escape(str(file.relative_to(ROOT / folder)))
            if page.exists() and re.search(rf"(?<![\w/]){name}(?![\w.])", page.read_text()):
                return True
        return False

    def test_every_source_is_in_the_build(self):
        self.assertEqual(self.unlisted("src/**/*.cpp", "exercises/**/command.cpp"), [])

    def test_every_test_is_in_the_build(self):
        self.assertEqual(self.unlisted("tests/**/*_test.cpp"), [])

    def test_every_public_header_is_installed(self):
        headers = self.unlisted("src/mp/*.hpp")
        self.assertEqual([header for header in headers if "inside" not in layers.row(header)[1]], [])


if __name__ == "__main__":
    unittest.main()
