#!/usr/bin/env python3
"""The program under the limits of a real cgroup, of version 1 or 2, as a container sets them, and on CPUs with holes.

    limits_test.py PROGRAM

A cgroup is made where this process may make one, mostly as root; elsewhere its tests are skipped and say why.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "build/release/mpworkshop"
STATE = tempfile.TemporaryDirectory()
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("SLURM_")}
ENVIRONMENT |= {"XDG_STATE_HOME": STATE.name, "LC_ALL": "C", "COLUMNS": "80"}
SANITIZED = any(each in Path(PROGRAM).read_bytes() for each in (b"__asan_init", b"__tsan_init"))
CPUS = sorted(os.sched_getaffinity(0))


def mounted(controller):
    """Where a hierarchy with this controller is mounted, and its version."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ")
        kind, _, options = after.split(" ", 2)
        folder = Path(before.split(" ")[4])
        if kind == "cgroup" and controller in options.split(","):
            return folder, 1
        if kind == "cgroup2" and controller in (folder / "cgroup.controllers").read_text().split():
            return folder, 2
    raise unittest.SkipTest(f"no cgroup hierarchy has the controller {controller}")


class Group:
    """A cgroup with one limit: {file of version 1: value} or {file of version 2: value}."""

    def __init__(self, controller, v1, v2):
        top, self.version = mounted(controller)
        self.folder = top / f"mpworkshop-{os.getpid()}"
        try:
            if self.version == 2 and controller not in (top / "cgroup.subtree_control").read_text().split():
                (top / "cgroup.subtree_control").write_text(f"+{controller}")
            self.folder.mkdir()
        except OSError as error:
            raise unittest.SkipTest(f"no cgroup can be made here: {error}") from None
        for file, value in (v1 if self.version == 1 else v2).items():
            (self.folder / file).write_text(str(value))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.rmdir()

    def join(self):
        """What a child does before it becomes the program."""
        (self.folder / "cgroup.procs").write_text("0")


def quota(cpus):
    return Group("cpu", {"cpu.cfs_period_us": 100000, "cpu.cfs_quota_us": int(cpus * 100000)},
                 {"cpu.max": f"{int(cpus * 100000)} 100000"})


def memory(bytes_):
    return Group("memory", {"memory.limit_in_bytes": bytes_}, {"memory.max": bytes_, "memory.swap.max": 0})


def cpuset(cpus):
    top, version = mounted("cpuset")
    nodes = (top / ("cpuset.mems" if version == 1 else "cpuset.mems.effective")).read_text().strip()
    names = ",".join(map(str, cpus))
    return Group("cpuset", {"cpuset.mems": nodes, "cpuset.cpus": names}, {"cpuset.cpus": names})


def run(*words, before):
    return subprocess.run([PROGRAM, *words], env=ENVIRONMENT, preexec_fn=before, capture_output=True, text=True, timeout=120)


def document(*words, before):
    done = run(*words, "--json", before=before)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Limits(unittest.TestCase):
    def expect_workers(self, count, before):
        cores = document("cores", before=before)
        self.assertEqual((cores["result"]["usable"], cores["machine"]["usable"]), (count, count))
        pi = document("pi-parallel", "1e6", before=before)
        self.assertEqual((pi["options"]["processes"], len(pi["workers"])), (count, count))
        self.assertAlmostEqual(pi["result"]["pi"], 3.141592653589793, places=10)
        return cores["result"]

    def test_a_quota_below_one_cpu_gives_one_worker(self):
        with quota(0.5) as group:
            self.assertEqual(self.expect_workers(1, group.join)["cgroup_quota"], 0.5)
            self.assertIn("0.5", run("doctor", before=group.join).stdout)

    def test_a_quota_is_rounded_up_and_bounds_no_more_than_there_are(self):
        for cpus in (1.5, len(CPUS) + 1.5):
            with quota(cpus) as group:
                result = self.expect_workers(min(2 if cpus == 1.5 else len(CPUS) + 2, len(CPUS)), group.join)
                self.assertEqual(result["cgroup_quota"], cpus)

    @unittest.skipIf(SANITIZED, "a sanitizer needs more memory than the limit")
    def test_a_limit_of_memory_changes_no_number_of_workers_and_refuses_what_is_too_large(self):
        with memory(160 << 20) as group:
            self.expect_workers(len(CPUS), group.join)
            # 88 MB of numbers fit once, and not a second time for the results.
            done = run("map", "--count", "11000000", "--only", "pool", "--quiet", before=group.join)
            self.assertEqual(done.returncode, 1, done.stdout[-300:] + done.stderr)
            self.assertIn("the cgroup's memory limit has", " ".join(done.stderr.split()))

    @unittest.skipIf(SANITIZED, "a sanitizer needs more memory than the limit")
    def test_files_that_the_kernel_keeps_in_memory_count_as_free(self):
        with memory(400 << 20) as group, tempfile.NamedTemporaryFile(dir=Path(PROGRAM).resolve().parent) as file:
            subprocess.run(["dd", "if=/dev/zero", f"of={file.name}", "bs=1M", "count=450", "conv=fsync", "status=none"],
                           preexec_fn=group.join, check=True)
            done = run("map", "--count", "9000000", "--only", "pool", "--quiet", before=group.join)
            self.assertEqual(done.returncode, 0, done.stderr)

    def check_on(self, cpus, before):
        self.assertEqual(self.expect_workers(len(cpus), before)["affinity"], len(cpus))
        for words in (("concurrency", "--seconds", "0.01"), ("gil", "--seconds", "0.01"), ("race", "--updates", "1000"),
                      ("chunks", "--seconds", "0.01"), ("price", "--seconds", "0.01")):
            done = run(*words, before=before)
            self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")

    @unittest.skipIf(len(CPUS) < 2, "there is one CPU")
    def test_cpus_without_the_first_and_every_second_one(self):
        for cpus in {tuple(CPUS[1:]), tuple(CPUS[1::2])}:
            with self.subTest(cpus=cpus):
                self.check_on(cpus, lambda: os.sched_setaffinity(0, cpus))
                with cpuset(cpus) as group:
                    self.check_on(cpus, group.join)


if __name__ == "__main__":
    unittest.main()
