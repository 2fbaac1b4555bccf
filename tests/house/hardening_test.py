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
ARTEFACTS = [path for path in LIST.read_text().split("\n") if path and Path(path).exists()]
del sys.argv[1:]

ENDBR = b"\xf3\x0f\x1e\xfa"  # what an indirect jump must land on; also a few bytes of each crt1.o


def readelf(artefact, option):
    return subprocess.run(["readelf", "-W", option, artefact], capture_output=True, text=True, check=True).stdout


def runpath(artefact):
    """The folders that the loader searches; None where it has none of its own to search."""
    found = re.search(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", readelf(artefact, "-d"))
    return found[1].split(":") if found else None


class Hardening(unittest.TestCase):
    def each(self, check):
        self.assertTrue(any(path.endswith("/mpworkshop") for path in ARTEFACTS), ARTEFACTS)
        for artefact in ARTEFACTS:
            with self.subTest(artefact):
                check(artefact)

    def test_it_can_be_loaded_anywhere(self):
        self.each(lambda artefact: self.assertRegex(readelf(artefact, "-h"), r"Type:\s+DYN"))

    def test_its_tables_are_read_only_once_it_runs(self):
        def check(artefact):
            self.assertIn("GNU_RELRO", readelf(artefact, "-l"))
            self.assertRegex(readelf(artefact, "-d"), r"BIND_NOW|\bNOW\b")
        self.each(check)

    def test_its_stack_is_guarded_and_not_executable(self):
        def check(artefact):
            self.assertIn("__stack_chk_fail", readelf(artefact, "--dyn-syms"))
            self.assertRegex(readelf(artefact, "-l"), r"GNU_STACK.*\bRW\s")
        self.each(check)

    def test_library_calls_check_their_buffers(self):
        self.each(lambda artefact: self.assertRegex(readelf(artefact, "--dyn-syms"), r"__\w+_chk\b"))

    def test_jumps_land_where_they_may(self):
        if not CF_PROTECTION:
            self.skipTest("the compiler has no -fcf-protection")
        self.each(lambda artefact: self.assertGreater(Path(artefact).read_bytes().count(ENDBR), 20))

    def test_libraries_are_searched_only_where_nobody_else_writes(self):
        def check(artefact):
            for folder in runpath(artefact) or []:
                # An empty or relative one is the current folder, or in it.
                self.assertRegex(folder, r"^(/|\$ORIGIN(/|$))", f"{artefact} searches '{folder}'")
                self.assertFalse(Path(folder).is_relative_to(BUILD), f"{artefact} searches the build tree")
        self.each(check)


if __name__ == "__main__":
    unittest.main()
