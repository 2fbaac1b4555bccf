#!/usr/bin/env python3
"""Looks whether each model of tests/model names functions that the source has, bridge tests that run the real classes, and
faults that its check plants."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted((ROOT / "tests/model").glob("*.pml"))
SUITES = set()
for test in [*(ROOT / "tests/mp").glob("*.cpp"), *(ROOT / "tests/mp_mpi").glob("*.cpp")]:
    SUITES |= set(re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),", test.read_text(encoding="utf-8")))


def header(model):
    return re.match(r"/\*.*?\*/", model.read_text(encoding="utf-8"), re.S)[0]


def modeled(model):
    """Each source file that the model names, with the functions."""
    text = re.search(r"Models.*?(?= \* Bridge:)", header(model), re.S)[0]
    for path, names in re.findall(r"(src/\S+\.[ch]pp)\s+(.*?)(?=src/|\Z)", text, re.S):
        yield path, re.findall(r"\w+(?:::\w+)*", re.sub(r"without its clock: a poller is trusted", "", names.replace(" * ", " ")))


class Models(unittest.TestCase):
    def test_there_are_six(self):
        self.assertEqual([each.stem for each in MODELS],
                         ["active_jobs", "dispatcher", "event_count", "fork_server", "range_deque", "task_queue"])

    def test_what_they_model_is_there(self):
        for model in MODELS:
            named = list(modeled(model))
            self.assertTrue(named, model)
            for path, names in named:
                source = (ROOT / path).read_text(encoding="utf-8")
                for name in names:
                    with self.subTest(model=model.name, path=path, name=name):
                        self.assertTrue(re.search(rf"\b{name.split('::')[-1]}\b", source))

    def test_each_has_a_bridge_to_the_real_classes(self):
        for model in MODELS:
            bridges = re.search(r"Bridge: ([\w, ]+)", header(model))[1].split(", ")
            for suite in bridges:
                with self.subTest(model=model.name, suite=suite):
                    self.assertIn(suite, SUITES)

    def test_each_planted_fault_is_looked_for(self):
        check = (ROOT / "tests/model/check").read_text(encoding="utf-8")
        looked_for = set(re.findall(r'^    \("(\w+)", "(\w+)",', check, re.M))
        planted = {(model.stem, fault) for model in MODELS
                   for fault in re.findall(r"FAULT_(\w+)", model.read_text(encoding="utf-8"))}
        self.assertEqual(planted, looked_for)


if __name__ == "__main__":
    unittest.main()
