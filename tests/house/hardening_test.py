#!/usr/bin/env python3
"""The release build is hardened: hardening_test.py PROGRAM."""

import re
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop()


def readelf(option):
    return subprocess.run(["readelf", "-W", option, PROGRAM], capture_output=True, text=True, check=True).stdout


class Hardening(unittest.TestCase):
    def test_it_can_be_loaded_anywhere(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")

    def test_its_tables_are_read_only_once_it_runs(self):
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertRegex(readelf("-d"), r"BIND_NOW|\bNOW\b")

    def test_its_stack_is_guarded_and_not_executable(self):
        self.assertIn("__stack_chk_fail", readelf("--dyn-syms"))
        self.assertRegex(readelf("-l"), r"GNU_STACK.*\bRW\s")

    def test_library_calls_check_their_buffers(self):
        self.assertRegex(readelf("--dyn-syms"), r"__(memcpy|read|snprintf|vsnprintf|memset|poll|fdelt)_chk")

    def test_no_path_of_the_build_is_searched_for_libraries(self):
        self.assertIsNone(re.search(r"R(UN)?PATH.*\[/", readelf("-d")))


if __name__ == "__main__":
    unittest.main()
