#!/usr/bin/env python3
"""Every program and library of the release build is hardened: hardening_test.py LIST CF_PROTECTION

LIST names them, one on each line; those that are not built are left out. CF_PROTECTION: 1 where the compiler has it.
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

LIST, CF_PROTECTION = Path(sys.argv[1]), sys.argv[2] == "1"
BUILD = LIST.parent.resolve()
ARTIFACTS = [path for path in LIST.read_text().split("\n") if path and Path(path).exists()]
del sys.argv[1:]

ENDBR = b"\xf3\x0f\x1e\xfa"  # what an indirect jump must land on; also a few bytes of each crt1.o


def readelf(artifact, option):
    return subprocess.run(["readelf", "-W", option, artifact], capture_output=True, text=True, check=True).stdout


def runpath(artifact):
    """The folders that the loader searches; None where it has none of its own to search."""
    found = re.search(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", readelf(artifact, "-d"))
    return found[1].split(":") if found else None


class Hardening(unittest.TestCase):
    def each(self, check):
        self.assertTrue(any(path.endswith("/mpworkshop") for path in ARTIFACTS), ARTIFACTS)
        for artifact in ARTIFACTS:
            with self.subTest(artifact):
                check(artifact)

    def test_it_can_be_loaded_anywhere(self):
        self.each(lambda artifact: self.assertRegex(readelf(artifact, "-h"), r"Type:\s+DYN"))

    def test_its_tables_are_read_only_once_it_runs(self):
        def check(artifact):
            self.assertIn("GNU_RELRO", readelf(artifact, "-l"))
            self.assertRegex(readelf(artifact, "-d"), r"BIND_NOW|\bNOW\b")
        self.each(check)

    def test_its_stack_is_guarded_and_not_executable(self):
        def check(artifact):
            self.assertIn("__stack_chk_fail", readelf(artifact, "--dyn-syms"))
            self.assertRegex(readelf(artifact, "-l"), r"GNU_STACK.*\bRW\s")
        self.each(check)

    def test_library_calls_check_their_buffers(self):
        self.each(lambda artifact: self.assertRegex(readelf(artifact, "--dyn-syms"), r"__\w+_chk\b"))

    def test_jumps_land_where_they_may(self):
        if not CF_PROTECTION:
            self.skipTest("the compiler has no -fcf-protection")
        self.each(lambda artifact: self.assertGreater(Path(artifact).read_bytes().count(ENDBR), 20))

    def test_libraries_are_searched_only_where_nobody_else_writes(self):
        def check(artifact):
            for folder in runpath(artifact) or []:
                # An empty or relative one is the current folder, or in it.
                self.assertRegex(folder, r"^(/|\$ORIGIN(/|$))", f"{artifact} searches '{folder}'")
                self.assertFalse(Path(folder).is_relative_to(BUILD), f"{artifact} searches the build tree")
        self.each(check)


if __name__ == "__main__":
    unittest.main()
