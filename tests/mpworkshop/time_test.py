#!/usr/bin/env python3
"""`mpworkshop time` with real programs: their input, their output, and the report on them.

    time_test.py PROGRAM
"""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "build/release/mpworkshop"
PATIENCE = 60  # seconds without output, after which a program counts as stuck
PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable
STATE = tempfile.TemporaryDirectory()
ENVIRONMENT = {**os.environ, "XDG_STATE_HOME": STATE.name, "LC_ALL": "C", "COLUMNS": "80"}

SANITIZED = any(each in Path(PROGRAM).read_bytes() for each in (b"__asan_init", b"__tsan_init"))
BUSY = "i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done"


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"there is no {program}")


def timed(*command, options=(), **more):
    more = {"env": ENVIRONMENT, "capture_output": True, "text": True, "timeout": 300, **more}
    return subprocess.run(["mpworkshop", "time", *options, "--", *command], executable=PROGRAM, **more)


def document(*command, **more):
    """The --json report on a command."""
    with tempfile.NamedTemporaryFile() as file:
        timed(*command, options=["--json", "-o", file.name], **more)
        return json.loads(Path(file.name).read_text())


def start(*command, **more):
    return subprocess.Popen([PROGRAM, "time", "--", *command], env=ENVIRONMENT, text=True,
                            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})


def computing(found):
    return [each for each in found["activity"]["threads"] if each["cpu_s"] > 0.05]


class WholeTree:
    """A pipe that every process of a command inherits: it ends when the last of them has ended."""

    def __enter__(self):
        self.end, self.inherited = os.pipe()
        return self

    def __exit__(self, *_):
        os.close(self.end)
        if self.inherited is not None:
            os.close(self.inherited)

    def is_gone(self):
        os.close(self.inherited)
        self.inherited = None
        return bool(select.select([self.end], [], [], PATIENCE)[0]) and os.read(self.end, 1) == b""


class Command(unittest.TestCase):
    def test_has_its_standard_streams_to_itself(self):
        ran = timed("sh", "-c", "cat; echo trouble >&2", input="one\ntwo\n")
        self.assertEqual(ran.stdout, "one\ntwo\n")
        self.assertTrue(ran.stderr.startswith("trouble\n"), ran.stderr)
        self.assertRegex(ran.stderr, r"total +[0-9.]+ m?s wall")

    def test_gives_its_exit_code(self):
        for code in (0, 1, 3, 255):
            ran = timed("sh", "-c", f"exit {code}")
            self.assertEqual(ran.returncode, code)
            self.assertEqual(f"It ended with exit code {code}." in ran.stderr, code != 0)

    def test_that_a_signal_ended_gives_the_code_of_a_shell(self):
        for name in ("KILL", "TERM", "SEGV", "INT"):
            ran = timed("sh", "-c", f"kill -{name} $$")
            self.assertEqual(ran.returncode, 128 + getattr(signal, f"SIG{name}"))
            self.assertIn(f"It ended by SIG{name}.", ran.stderr)

    def test_that_cannot_be_run_gives_the_code_of_a_shell_and_a_reason(self):
        for command, code, why in (("no-such-program", 127, "there is no such program in PATH"),
                                   ("./no/such/program", 127, "there is no such file"),
                                   ("/dev/null", 126, "Permission denied"), ("/", 126, "Permission denied"),
                                   ("", 127, "no such program")):
            ran = timed(command)
            self.assertEqual(ran.returncode, code, command)
            self.assertIn(why, ran.stderr)
            self.assertTrue(ran.stderr.startswith("mpworkshop: error: time: cannot run "), ran.stderr)
            self.assertEqual(ran.stdout, "")

    def test_begins_as_if_it_had_been_started_without(self):
        def odd():
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
            os.close(0)

        look = ["sh", "-c", "grep -E 'SigIgn|SigBlk' /proc/self/status; ulimit -a; ls -l /proc/self/fd | grep -c ' -> '"]
        for before in (None, odd):
            alone = subprocess.run(look, capture_output=True, text=True, preexec_fn=before)
            self.assertEqual(timed(*look, preexec_fn=before).stdout, alone.stdout)

    def test_takes_its_own_options_as_they_stand(self):
        for words in (["echo", "--json", "-v", "--", "--help"], ["--", "echo", "--json", "-v", "--", "--help"],
                      ["--quiet", "echo", "--json", "-v", "--", "--help"]):
            ran = subprocess.run([PROGRAM, "time", *words], env=ENVIRONMENT, capture_output=True, text=True)
            self.assertEqual(ran.stdout, "--json -v -- --help\n")
        for words in (["list"], ["[1,2]"], ["++"], [""], ["-5"], ["a b", "c=d", "--csv=x"]):
            self.assertEqual(timed("printf", "%s|", *words).stdout, "".join(f"{word}|" for word in words))

    def test_may_close_its_output_before_it_ends(self):
        command = start("sh", "-c", "exec >&-; read line", stderr=subprocess.DEVNULL)
        self.assertEqual(command.stdout.read(), "")
        self.assertIsNone(command.poll())
        command.stdin.close()
        self.assertEqual(command.wait(PATIENCE), 1)
        command.stdout.close()

    def test_may_be_in_the_middle_of_a_pipeline(self):
        ran = subprocess.run(f"seq 100000 | {PROGRAM} time -- sort -rn | head -1", shell=True, env=ENVIRONMENT,
                             capture_output=True, text=True)
        self.assertEqual(ran.stdout, "100000\n")

    def test_is_gone_with_all_that_it_started_when_it_ends(self):
        with WholeTree() as tree:
            timed("sh", "-c", "sh -c : & (sh -c : &) ; wait", pass_fds=[tree.inherited])
            self.assertTrue(tree.is_gone())

    def test_may_leave_a_daemon_behind(self):
        ran = start(PYTHON, "-c", "import os\n"
                    "if os.fork() == 0:\n"
                    "    os.setsid()\n"
                    "    if os.fork() == 0:\n"
                    "        os.close(1); os.close(2); os.read(0, 1)\n"
                    "    os._exit(0)\n"
                    "os.wait()")
        self.assertIn("1 process that it started still runs.", ran.stderr.read())
        self.assertEqual(ran.wait(PATIENCE), 0)
        ran.stdin.close()
        ran.stdout.close()
        ran.stderr.close()


class Signals(unittest.TestCase):
    # It does not handle them: a handler that is due just before read() runs only after it.
    COUNT = ("import signal, sys\n"
             "sent = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1}\n"
             "signal.pthread_sigmask(signal.SIG_BLOCK, sent)\n"
             "print('ready', flush=True)\n"
             "got = [int(signal.sigwait(sent))]\n"
             "print('got', flush=True)\n"
             "sys.stdin.read()\n"
             "while more := signal.sigtimedwait(sent, 0):\n"
             "    got.append(more.si_signo)\n"
             "print(got, flush=True)\n"
             "sys.exit(7)")

    def count(self, send):
        command = start(PYTHON, "-c", self.COUNT, process_group=0)
        self.assertEqual(command.stdout.readline(), "ready\n")
        send(command.pid)
        line = command.stdout.readline()
        self.assertEqual(line, "got\n", line or command.communicate(timeout=PATIENCE)[1])
        got = command.communicate(timeout=PATIENCE)[0]
        self.assertEqual(command.returncode, 7)
        return got

    @unittest.skipIf(sys.version_info < (3, 11), "this Python cannot make a process group")
    def test_to_the_program_reach_the_command_once(self):
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
            self.assertEqual(self.count(lambda pid: os.kill(pid, each)), f"[{int(each)}]\n")

    @unittest.skipIf(sys.version_info < (3, 11), "this Python cannot make a process group")
    def test_to_the_group_reach_the_command_once(self):
        for each in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(self.count(lambda pid: os.killpg(pid, each)), f"[{int(each)}]\n")

    def test_end_a_command_that_does_not_handle_them(self):
        command = start("sh", "-c", "echo ready; read line")
        self.assertEqual(command.stdout.readline(), "ready\n")
        command.send_signal(signal.SIGTERM)
        self.assertIn("It ended by SIGTERM.", command.stderr.read())
        self.assertEqual(command.wait(PATIENCE), 128 + signal.SIGTERM)
        command.communicate()


class Terminal(unittest.TestCase):
    """An interactive shell in a separate terminal."""

    def setUp(self):
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.environ.update(ENVIRONMENT, PS1="$ ", TERM="dumb", PYTHON_BASIC_REPL="1")
            os.environ.pop("COLUMNS")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.text = ""
        self.type("echo re''ady\n")
        self.wait_for("ready")

    def tearDown(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.end)

    def type(self, keys):
        os.write(self.end, keys.encode())

    def wait_for(self, what):
        while what not in self.text:
            if not select.select([self.end], [], [], PATIENCE)[0]:
                self.fail(f"{what!r} did not come; the terminal shows {self.text!r}")
            try:
                self.text += os.read(self.end, 65536).decode(errors="replace")
            except OSError:
                self.fail(f"{what!r} did not come before the end: {self.text!r}")
        self.text = self.text[self.text.index(what) + len(what):]

    def states_of(self, name):
        """Of the processes in this terminal that have this name."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                before, _, after = stat.read_text().rpartition(")")
            except OSError:
                continue
            if before.partition("(")[2] == name and int(after.split()[3]) == self.pid:
                yield after.split()[0]

    def wait_until_stopped(self, name):
        until = time.monotonic() + PATIENCE
        while set(self.states_of(name)) != {"T"}:
            self.assertLess(time.monotonic(), until, f"{name} is not stopped")
            time.sleep(0.01)

    def test_serves_an_interactive_program(self):
        self.type(f"{PROGRAM} time -- {PYTHON} -q -i\n")
        self.wait_for(">>> ")
        self.type("'x' * 5\n")
        self.wait_for("'xxxxx'")
        # While it reads a line, Python may lose an interrupt; so it says when it is past that.
        self.type("import time; print('as' 'leep', flush=True) or time.sleep(1000)\n")
        self.wait_for("asleep")
        self.type("\x03")
        self.wait_for("KeyboardInterrupt")
        self.type("exit(3)\n")
        self.wait_for("It ended with exit code 3.")
        self.type("echo code=$?\n")
        self.wait_for("code=3")

    @needs("less")
    def test_serves_a_pager(self):
        self.type(f"seq 1000 > /dev/null; seq 1000 | TERM=vt100 {PROGRAM} time -- less\n")
        self.wait_for("\r\n10\r\n")
        self.type("G")
        self.wait_for("1000")
        self.type("q")
        self.wait_for("wall")

    def test_can_stop_the_command_and_go_on(self):
        self.type(f"{PROGRAM} time -- sh -c 'echo be''gun; read line; echo re''ad $line'\n")
        self.wait_for("begun")
        self.type("\x1a")
        self.wait_for("Stopped")
        self.wait_until_stopped("sh")  # one that reads may still take what is typed next
        self.type("fg\n")
        self.wait_for("fg")
        self.type("more\n")
        self.wait_for("read more")
        self.wait_for("it was stopped for a while")

    def test_interrupts_the_command(self):
        self.type(f"{PROGRAM} time -- sh -c 'echo be''gun; read line'\n")
        self.wait_for("begun")
        self.type("\x03")
        self.wait_for("It ended by SIGINT.")
        self.type("echo code=$?\n")
        self.wait_for("code=130")


class Report(unittest.TestCase):
    def expect(self, found, *verdicts):
        """One of these, unless other programs leave too little of this machine to tell."""
        self.need_looks(found)
        if "is unclear. It waited for a CPU" in found["sentence"]:
            self.skipTest("this machine is too busy")
        self.assertIn(found["verdict"], verdicts, found["sentence"])

    def need_looks(self, found, least=6):
        """Enough readings to see each thread within a second, on a machine where reading /proc takes long."""
        looks = found["activity"]["looks"]
        if looks < 6:
            self.assertIn("is unclear", found["sentence"])
        if looks < least:
            self.skipTest("looking at processes takes too long here")

    def test_of_a_command_that_waits(self):
        found = document("sleep", "1.5")
        self.need_looks(found)
        self.assertEqual(found["verdict"], "waiting")
        self.assertEqual(found["command"], ["sleep", "1.5"])

    def test_of_a_command_that_is_too_short(self):
        found = document("true")
        if found["activity"]["wall_s"] < 0.1:
            self.assertEqual(found["verdict"], "unknown")
            self.assertIn("is unclear", found["sentence"])

    def test_of_processes_that_compute(self):
        found = document("sh", "-c", f"({BUSY}) & ({BUSY}) & wait")
        self.need_looks(found)
        self.assertEqual(len(computing(found)), 2)
        self.assertGreaterEqual(found["activity"]["cpu_s"], sum(each["cpu_s"] for each in computing(found)) * 0.9)
        self.expect(found, "parallel", "unbalanced", "oversubscribed")

    def test_of_processes_one_after_the_other(self):
        found = document("sh", "-c", f"({BUSY}); ({BUSY}); true")
        self.need_looks(found, least=20)  # each process several times
        self.assertEqual(len(computing(found)), 2)
        self.expect(found, "serial")

    @needs("taskset")
    def test_of_processes_that_share_one_cpu(self):
        cpu = str(min(os.sched_getaffinity(0)))
        for words in (["taskset", "-c", cpu, PROGRAM, "time"], [PROGRAM, "time"]):
            with tempfile.NamedTemporaryFile() as file:
                inner = [] if words[0] == "taskset" else ["taskset", "-c", cpu]
                subprocess.run([*words, "--json", "-o", file.name, "--", *inner, "sh", "-c",
                                f"({BUSY}) & ({BUSY}) & wait"], env=ENVIRONMENT, check=True)
                found = json.loads(Path(file.name).read_text())
            self.expect(found, "oversubscribed")
            self.assertGreater(found["activity"]["ready_s"], 0.1)

    def test_of_python_pools_and_threads(self):
        work = "def work(n):\n    while n: n -= 1\n"
        pool = work + "import multiprocessing\nwith multiprocessing.Pool(2) as pool: pool.map(work, [10000000] * 2)\n"
        found = document(PYTHON, "-c", pool)
        self.need_looks(found)
        self.assertGreaterEqual(len({each["process"] for each in computing(found)}), 2)
        threads = work + ("import threading\nall = [threading.Thread(target=work, args=(10000000,)) for _ in 'ab']\n"
                          "[each.start() for each in all]\n[each.join() for each in all]\n")
        found = document(PYTHON, "-c", threads)
        self.need_looks(found)
        self.assertGreaterEqual(len(computing(found)), 2)
        one_cpu = len(os.sched_getaffinity(0)) == 1
        self.expect(found, "serial", *(["unknown"] if one_cpu else []))  # the GIL

    def test_of_a_thousand_short_processes(self):
        activity = document("sh", "-c", "i=0; while [ $i -lt 1000 ]; do (:); i=$((i+1)); done")["activity"]
        self.assertAlmostEqual(sum(activity["cpus_busy_over_time"]) * activity["interval_s"], activity["cpu_s"],
                               delta=0.01 * activity["cpu_s"])
        self.assertLessEqual(activity["watch_cpu_s"], 0.01 * activity["wall_s"] + 0.005)

    @unittest.skipIf(SANITIZED, "a sanitizer makes looking several times as dear")
    def test_of_64_threads_costs_less_than_a_hundredth_of_a_cpu(self):
        activity = document(PYTHON, "-c", "import threading, time\n"
                            "def wait():\n"
                            "    for _ in range(20): time.sleep(0.1)\n"
                            "all = [threading.Thread(target=wait) for _ in range(64)]\n"
                            "[each.start() for each in all]\n[each.join() for each in all]\n")["activity"]
        self.assertGreaterEqual(len(activity["threads"]), 60)
        self.assertLessEqual(activity["watch_cpu_s"], 0.01 * activity["wall_s"] + 0.002)

    def test_fits_the_terminal(self):
        for columns in ("40", "80"):
            ran = timed("sh", "-c", f"({BUSY}) & ({BUSY}) & wait", env={**ENVIRONMENT, "COLUMNS": columns})
            for line in ran.stderr.splitlines():
                self.assertLess(len(line), int(columns), line)

    def test_goes_to_standard_error_or_to_a_file(self):
        self.assertEqual(json.loads(timed("true", options=["--json"]).stderr)["schema"], "mpworkshop-time-1")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report"
            ran = timed("true", options=["--output", str(path)])
            self.assertEqual((ran.stdout, ran.stderr), ("", ""))
            self.assertIn("wall", path.read_text())
            ran = timed("touch", f"{folder}/ran", options=["-o", f"{folder}/none/report"])
            self.assertEqual(ran.returncode, 1)
            self.assertFalse((Path(folder) / "ran").exists())

    def test_is_short_when_quiet(self):
        ran = timed("sh", "-c", BUSY, options=["--quiet"])
        self.assertNotIn("over time", ran.stderr)
        self.assertNotIn("Next:", ran.stderr)


class Usage(unittest.TestCase):
    def test_that_is_wrong_is_refused(self):
        for words, why in (([], "a command to run is missing"), (["--"], "a command to run is missing"),
                           (["--bogus", "true"], "there is no option '--bogus'"),
                           (["--json=3", "true"], "--json takes no value"), (["-o"], "needs a value")):
            ran = subprocess.run([PROGRAM, "time", *words], env=ENVIRONMENT, capture_output=True, text=True)
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
            self.assertIn(why, ran.stderr)

    def test_is_explained(self):
        ran = subprocess.run([PROGRAM, "time", "--help"], env=ENVIRONMENT, capture_output=True, text=True)
        self.assertIn("Usage: mpworkshop time [OPTIONS] [--] COMMAND...", ran.stdout)


if __name__ == "__main__":
    unittest.main()
