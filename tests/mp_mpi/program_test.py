#!/usr/bin/env python3
"""The program over MPI as its user sees it: program_test.py PROGRAM PLUGIN MPIEXEC"""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM, PLUGIN, MPIEXEC = (str(Path(word).resolve()) if "/" in word else word for word in sys.argv[1:4])
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if not name.startswith(("OMPI_", "PMIX_", "SLURM_"))},
               "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def run(*words, ranks=3, launcher=("--oversubscribe",), program=PROGRAM, environment=None, **more):
    command = [MPIEXEC, *launcher, "-n", str(ranks)] if ranks else []
    return subprocess.run([*command, program, *words], capture_output=True, text=True, timeout=60,
                          env={**ENVIRONMENT, **(environment or {})},
                          stdin=subprocess.DEVNULL, check=False, **more)


def complaints(result):
    return [line for line in result.stderr.splitlines() if line.startswith("mpworkshop: error: ")]


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ranks_of(launcher):
    """The processes that it started, with theirs."""
    found = []
    for child in children(launcher):
        found += [child, *ranks_of(child)]
    return found


def is_there(pid):
    """Whether a thread of it has not ended; until then its files are open."""
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                if (thread / "stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX":
                    return True
    return False


def state(pid):
    """Of its first thread: R runs, S sleeps, T is stopped, Z has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return "Z"


def open_files(pid):
    """Its descriptors; none of a process that is ending."""
    with contextlib.suppress(OSError):
        return os.listdir(f"/proc/{pid}/fd")
    return []


def cpu_ticks(pid):
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])
    return 0


def wait_until(what, seconds=30):
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def connections(pid):
    """Those by TCP: the two ends, and the bytes that have come and that it has not read."""
    inodes = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.update(re.findall(r"socket:\[(\d+)\]", os.readlink(file)))
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return {(row[1], row[2]): int(row[4].split(":")[1], 16) for row in rows if row[9] in inodes}


def has_heard(pid, other):
    """Whether it has read all that the other process has sent by TCP."""
    ends = {(there, here) for here, there in connections(other)}
    unread = [count for connection, count in connections(pid).items() if connection in ends]
    return unread != [] and not any(unread)


class OverRanks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def refused(self, result, *words, code=1):
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(complaints(result)), 1, result.stderr)
        for word in words:
            self.assertIn(word, complaints(result)[0])
        if code is not None:
            self.assertEqual(result.returncode, code)

    def start(self, *words, ranks=3, launcher=("--oversubscribe",), first=(), stdout=subprocess.PIPE):
        """A long run; returns its ranks once all workers work. `first`: the command that starts rank 0's program."""
        apart = ["-n", "1", *first, PROGRAM, *words, ":"] if first else []
        command = [MPIEXEC, *launcher, *apart, "-n", str(ranks - bool(first)), PROGRAM, *words]
        process = subprocess.Popen(command, env=ENVIRONMENT, text=True, stdin=subprocess.DEVNULL, stdout=stdout,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        silent = "--json" in words
        enough = 20 if silent else 5  # more than it takes to meet
        said = b""
        while not silent and b"over MPI" not in said: # once all ranks have met
            more = os.read(process.stdout.fileno(), 4096)
            self.assertNotEqual(more, b"", said)
            said += more
        workers = ranks * int(words[words.index("--processes") + 1]) if "--processes" in words else ranks - 1
        before = {}

        def work():
            for pid in ranks_of(process.pid):
                before.setdefault(pid, cpu_ticks(pid))
            self.ticks = {pid: cpu_ticks(pid) - ticks for pid, ticks in before.items()}
            return sum(ticks >= enough for ticks in self.ticks.values()) >= workers

        self.assertTrue(wait_until(work))
        return process, ranks_of(process.pid)

    def gone(self, pids, seconds=20):
        wait_until(lambda: not any(map(is_there, pids)), seconds)
        self.assertEqual([pid for pid in pids if is_there(pid)], [])

    def test_the_first_rank_alone_prints(self):
        result = run("pi-parallel", "1e7", "--backend", "mpi")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        self.assertEqual(len(re.findall(r"^pi    3\.14159265358979", result.stdout, re.M)), 1)
        self.assertIn("2 workers over MPI", result.stdout)

    def test_exercises_give_what_they_give_elsewhere(self):
        for words in (["map", "--count", "1000"], ["starmap"], ["pi-parallel", "1e7"]):
            there = json.loads(run(*words, "--seed", "5", "--json", "--backend", "mpi").stdout)
            here = json.loads(run(*words, "--seed", "5", "--json", "--processes", "2", ranks=0).stdout)
            self.assertEqual(there["result"], here["result"])
            self.assertEqual([worker["rank"] for worker in there["workers"]], [1, 2])
            self.assertFalse(there["partial"])

    def test_ranks_with_worker_processes(self):
        result = run("pi-parallel", "1e7", "--backend", "mpi", "--processes", "2", "--json", ranks=2)
        self.assertEqual(result.returncode, 0, result.stderr)
        document = json.loads(result.stdout)
        self.assertLess(abs(document["result"]["error"]), 1e-12)
        self.assertEqual([(worker["rank"], worker["index"]) for worker in document["workers"]],
                         [(0, 0), (0, 1), (1, 2), (1, 3)])

    def test_a_trace_has_a_lane_for_each_rank(self):
        trace = self.folder / "trace.json"
        result = run("pi-parallel", "1e7", "--backend", "mpi", "--trace", str(trace))
        self.assertEqual(result.returncode, 0, result.stderr)
        lanes = trace.read_text()
        for rank in (1, 2):
            self.assertIn(f"rank {rank} on {os.uname().nodename}", lanes)

    def test_the_timeline_of_any_program_is_written_by_rank_0_alone(self):
        trace = self.folder / "trace.json"
        result = run("pi-parallel", "1e7", "--backend", "mpi", "--quiet", ranks=2, environment={"MP_TRACE": str(trace)})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        names = [event["args"]["name"] for event in json.loads(trace.read_text())["traceEvents"]
                 if event["name"] == "thread_name"]
        self.assertEqual(len(names), 1, names)
        self.assertIn("rank 1", names[0])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["trace.json"])

    def test_without_ranks(self):
        self.refused(run("pi-parallel", "1e7", "--backend", "mpi", ranks=0), "mpirun -n 3", "srun")

    def test_with_one_rank(self):
        self.refused(run("pi-parallel", "1e7", "--backend", "mpi", ranks=1), "one rank is too few")

    def test_bad_input_is_told_once(self):
        self.refused(run("pi-parallel", "1eX", "--backend", "mpi"), "'1eX'", code=2)
        self.refused(run("map", "--input", "/proc/nonexistent", "--backend", "mpi"), "/proc/nonexistent")

    def test_another_build_on_another_rank(self):
        other = self.folder / "mpworkshop"
        data = bytearray(Path(PROGRAM).read_bytes())
        note = data.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16 # the build id's
        data[note] ^= 0xff
        other.write_bytes(data)
        other.chmod(0o755)
        words = ["pi-parallel", "1e7", "--backend", "mpi", "--plugin", PLUGIN]
        self.refused(run(*words, ":", "-n", "1", str(other), *words, ranks=2), "rank 2", os.uname().nodename, "another build")

    def test_the_plugin_is_not_taken_from_the_current_folder(self):
        program = self.folder / "bin" / "mpworkshop"
        program.parent.mkdir()
        shutil.copy(PROGRAM, program)
        shutil.copy(PLUGIN, self.folder)
        words = ["pi-parallel", "1e7", "--backend", "mpi"]
        self.refused(run(*words, program=str(program), cwd=self.folder), "libmp_mpi.so", str(program.parent))
        named = run(*words, "--plugin", "libmp_mpi.so", program=str(program), cwd=self.folder)
        self.assertEqual(named.returncode, 0, named.stderr)

    def test_a_plugin_that_is_none(self):
        self.refused(run("pi-parallel", "--backend", "mpi", "--plugin", "/proc/nonexistent"), "/proc/nonexistent")
        self.refused(run("pi-parallel", "--backend", "mpi", "--plugin", PROGRAM), "cannot load the plugin")

    def test_without_mpi(self):
        plugin = self.folder / "libmp_mpi.so"
        plugin.write_bytes(Path(PLUGIN).read_bytes().replace(b"libmpi.so.", b"libmpi_so."))
        self.refused(run("pi-parallel", "--backend", "mpi", "--plugin", str(plugin), ranks=0), "MPI is missing",
                     "openmpi")

    def test_scale_starts_the_ranks_itself(self):
        words = ["scale", "pi", "1e7", "--backend", "mpi", "--processes", "1,2", "--runs", "1", "--warmup", "0", "--json"]
        result = run(*words, ranks=0)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([row["workers"] for row in json.loads(result.stdout)["commands"]], [1, 1, 2])
        self.assertIn("without mpirun", run(*words, ranks=2).stderr)
        self.refused(run(*words, "--launcher", "no-such-mpirun -n", ranks=0), "no-such-mpirun", "--launcher")

    def test_a_rank_that_dies_ends_the_job_and_is_named(self):
        process, ranks = self.start("pi-parallel", "1e13", "--backend", "mpi", "--json")
        os.kill(ranks[-1], signal.SIGKILL)
        out, err = process.communicate(timeout=60) # hosts/check looks at how soon
        self.assertNotEqual(process.returncode, 0)
        told = [line for line in err.splitlines() if line.startswith("mpworkshop: error: ")]
        self.assertEqual(len(told), 1, err)
        self.assertRegex(told[0], rf"rank \d on host {os.uname().nodename} is gone: .*0 of 2 items")
        document = json.loads(out)
        self.assertTrue(document["partial"])
        self.assertIn("is gone", document["so_far"])
        self.gone(ranks)

    def stop(self, pid):
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(self.resume, pid)

    @staticmethod
    def resume(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def start_apart(self):
        """A run of which rank 0 writes its errors to a file, which a stopped launcher does not keep."""
        errors = self.folder / "errors"
        process, ranks = self.start("pi-parallel", "1e13", "--backend", "mpi",
                                    first=("sh", "-c", f'exec "$@" 2>"{errors}"', "sh"))
        return process, ranks, errors

    def test_a_death_is_told_though_the_launcher_ends_all_at_once(self):
        process, ranks, errors = self.start_apart()
        self.stop(process.pid)
        self.stop(ranks[0])
        os.kill(ranks[0], signal.SIGTERM)
        os.kill(ranks[2], signal.SIGKILL)
        self.gone(ranks[2:])
        self.resume(ranks[0])
        # A second signal, which the launcher has in store, would end it at once.
        self.assertTrue(wait_until(lambda: "rank 2 on host" in errors.read_text()), errors.read_text())
        self.resume(process.pid)
        process.communicate(timeout=60)
        self.gone(ranks)

    def test_a_rank_that_is_sent_away_before_the_others_is_not_lost(self):
        process, ranks = self.start("pi-parallel", "1e13", "--backend", "mpi")
        self.stop(process.pid)
        os.kill(ranks[2], signal.SIGTERM)
        self.assertTrue(wait_until(lambda: state(ranks[2]) == "S")) # it has said so, and waits for rank 0's end
        self.assertTrue(wait_until(lambda: has_heard(ranks[0], ranks[2])))
        os.kill(ranks[0], signal.SIGTERM)
        self.gone(ranks[:1])
        self.resume(process.pid)
        _, told = process.communicate(timeout=60)
        self.assertNotIn("is gone", told)
        self.gone(ranks)

    def test_a_rank_that_is_sent_away_alone_is_lost(self):
        process, ranks, errors = self.start_apart()
        self.stop(process.pid)
        os.kill(ranks[2], signal.SIGTERM)
        self.assertTrue(wait_until(lambda: "is gone: signal 15 ended its process" in errors.read_text()),
                        errors.read_text())
        self.resume(process.pid)
        process.communicate(timeout=60)
        self.gone(ranks)

    def test_a_worker_process_that_dies_is_replaced(self):
        process, pids = self.start("pi-parallel", "2e10", "--backend", "mpi", "--processes", "1", "--json", ranks=2,
                                   launcher=("--oversubscribe", "--bind-to", "none"))
        os.kill(max(self.ticks, key=self.ticks.get), signal.SIGKILL) # the ranks themselves do little
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        document = json.loads(out)
        self.assertLess(abs(document["result"]["error"]), 1e-12)
        self.assertEqual(sum(worker["restarts"] for worker in document["workers"]), 1)
        self.gone(pids)

    def test_a_rank_that_cannot_go_on_says_why_through_rank_0(self):
        process, pids = self.start("pi-parallel", "1e13", "--backend", "mpi", "--processes", "1", ranks=2,
                                   launcher=("--oversubscribe", "--bind-to", "none"))
        agent = children(children(process.pid)[1])[0]
        os.kill(agent, signal.SIGKILL)
        _, err = process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        told = [line for line in err.splitlines() if os.uname().nodename in line and "workers" in line]
        self.assertEqual(len(told), 1, err)
        self.assertRegex(told[0], r"error: .*rank 1 on host .* is gone: the process of its workers has ended")
        self.gone(pids)

    def test_an_interrupt_leaves_nothing_behind(self):
        for launcher, words in ((("--oversubscribe",), []),
                                (("--oversubscribe", "--bind-to", "none"), ["--processes", "2"])):
            for name in (signal.SIGINT, signal.SIGTERM):
                process, pids = self.start("pi-parallel", "1e13", "--backend", "mpi", *words, launcher=launcher)
                process.send_signal(name)
                out, told = process.communicate(timeout=60)
                self.assertNotEqual(process.returncode, 0)
                self.assertNotIn("is gone", told) # a signal ended them
                self.assertIn("Interrupted", out.splitlines()[-1])
                self.gone(pids)

    # The end of another rank has mpirun kill rank 0, which may not have written all.
    @unittest.skipUnless(hasattr(os, "pidfd_open"), "this Python has no os.pidfd_open")
    def test_no_rank_ends_before_rank_0_after_an_interrupt(self):
        process, ranks = self.start("pi-parallel", "1e13", "--backend", "mpi", "--json")
        rank_of, ends = {}, select.poll()
        for rank, pid in enumerate(ranks):
            descriptor = os.pidfd_open(pid)
            self.addCleanup(os.close, descriptor)
            rank_of[descriptor] = rank
            ends.register(descriptor, select.POLLIN)
        process.send_signal(signal.SIGINT)
        first = [rank_of[descriptor] for descriptor, _ in ends.poll(30_000)]
        # A process closes its files, which is what the others hear, a moment before its end can be seen.
        self.assertTrue(0 in first or not open_files(ranks[0]), first)
        out, _ = process.communicate(timeout=60)
        self.assertTrue(json.loads(out)["partial"])
        self.gone(ranks)

    def test_an_interrupt_leaves_time_for_the_partial_document(self):
        for launcher, words in ((("--oversubscribe",), []),
                                (("--oversubscribe", "--bind-to", "none"), ["--processes", "2"])):
            for into in ("pipe", "file"):
                with self.subTest(words=words, into=into), open(self.folder / into, "w+") as file:
                    process, pids = self.start("pi-parallel", "1e13", "--backend", "mpi", "--json", *words,
                                               launcher=launcher, stdout=file if into == "file" else subprocess.PIPE)
                    process.send_signal(signal.SIGINT)
                    out, _ = process.communicate(timeout=60)
                    file.seek(0)
                    self.assertTrue(json.loads(out if into == "pipe" else file.read())["partial"])
                    self.gone(pids)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=1)
