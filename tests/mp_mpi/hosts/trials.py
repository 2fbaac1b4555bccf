"""The trials over three hosts."""

import json
import math
import os
import re
import subprocess
import threading
import time

from cluster import FOLDER, NETWORK, Process, wait_until

# On a busy machine, MPWORKSHOP_PATIENCE times as long.
PATIENCE = float(os.environ.get("MPWORKSHOP_PATIENCE", "1"))
REPORT_S = 5 * PATIENCE  # from the loss to rank 0's message
END_S = 5 * PATIENCE  # from that to the end of everything on every host
LONG = "1e13"

MPIRUN = ["mpirun", "--host", "node1,node2,node3", "-n", "3", "--map-by", "node", "--bind-to", "none",
          "--mca", "plm", "rsh", "--mca", "plm_rsh_agent", "ssh -F %s/ssh" % FOLDER,
          "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", NETWORK, "--mca", "oob_tcp_if_include", NETWORK,
          # mpirun misses a host 3 s after its last word; the default is 8 minutes
          "--mca", "oob_tcp_keepalive_time", "1", "--mca", "oob_tcp_keepalive_intvl", "1",
          "--mca", "oob_tcp_keepalive_probes", "3", "-x", "XDG_STATE_HOME"]
ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/tmp", "XDG_STATE_HOME": "/tmp/state",
               "LC_ALL": "C", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


class Failed(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Failed(what)


def seconds(number):
    return "%.1f s" % number


class Job:
    """An mpirun on the first host; its lines are kept with the time of their arrival."""

    def __init__(self, hosts, words):
        self.hosts = hosts
        self.start = time.monotonic()
        self.process = subprocess.Popen(hosts[0].command(MPIRUN + words), env=ENVIRONMENT, cwd="/", text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.out, self.errors = [], []
        self.readers = [threading.Thread(target=self.keep, args=each, daemon=True)
                        for each in ((self.process.stdout, self.out), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def keep(stream, lines):
        for line in stream:
            lines.append((time.monotonic(), line))

    def text(self, lines):
        return "".join(line for _, line in lines)

    def end(self, limit):
        """Waits for it; returns its exit code."""
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failed("mpirun still runs after %s; it said: %s" % (seconds(limit), self.said())) from None
        for reader in self.readers:
            reader.join(2)
        return self.process.returncode

    def said(self):
        return " ".join((self.text(self.out) + " " + self.text(self.errors)).split())[:2000] or "nothing"

    def messages(self):
        """The program's own messages on stderr: when each came, and its words, which may go over several lines."""
        found, open_ = [], False
        for when, line in list(self.errors):
            if line.startswith("mpworkshop: "):
                found.append([when, line.strip()])
                open_ = True
            elif open_ and line.strip() and not re.match(r"-----|\[", line):
                found[-1][1] += " " + line.strip()
            else:
                open_ = False
        return found


def rank_of(process):
    """The rank that a process of the job is or belongs to; None for others."""
    number = process.variable("OMPI_COMM_WORLD_RANK")
    return None if number is None else int(number)


def rank_on(host):
    """The process on a host that mpirun or its helper has started; None if there is none."""
    for process in host.processes():
        if rank_of(process) is not None and Process(process.parent).name in ("mpirun", "orted"):
            return process
    return None


def ancestors(process):
    names = []
    while process.parent:
        process = Process(process.parent)
        names.append(process.name)
    return names


def begin(hosts, words):
    """Starts a job and returns when every host computes."""
    job = Job(hosts, words)

    def busy():
        require(job.process.poll() is None, "the job ended by itself; it said: " + job.said())
        return all(rank_on(host) for host in hosts) and all(
            any(each.ticks > 20 for each in host.processes() if rank_of(each) is not None) for host in hosts[1:])
    require(wait_until(busy, 30), "the ranks do not compute; they said: " + job.said())
    for host in hosts[1:]:
        require("sshd" in ancestors(rank_on(host)), "the rank on %s was not started over ssh" % host.name)
    return job


def end_of_all(job, since):
    """Waits until mpirun and all processes on the hosts have ended; when, in seconds since then."""
    ended = {}

    def check():
        for host in job.hosts:
            if host.name not in ended and not host.processes():
                ended[host.name] = time.monotonic() - since
        if "mpirun" not in ended and job.process.poll() is not None:
            ended["mpirun"] = time.monotonic() - since
        return len(ended) == len(job.hosts) + 1
    if not wait_until(check, since + REPORT_S + END_S - time.monotonic()):
        left = ["%s on %s" % (", ".join(sorted(each.name for each in host.processes())), host.name)
                for host in job.hosts if host.name not in ended]
        raise Failed("after %s still running: %s; it said: %s" % (
            seconds(REPORT_S + END_S), "; ".join(left), job.said()))
    job.end(END_S)
    return ended


def report(job, rank, host, since):
    """Checks rank 0's only message; its words, and when it came, in seconds since the loss."""
    messages = job.messages()
    require(len(messages) == 1, "%d messages instead of one; it said: %s" % (len(messages), job.said()))
    when, words = messages[0]
    require(re.search(r"\brank %d\b" % rank, words) and re.search(r"\b%s\b" % host.name, words),
            "the message does not name rank %d and %s: %s" % (rank, host.name, words))
    require(re.search(r"\d+ of \d+|none|nothing|no ", words), "the message does not say what was finished: " + words)
    require(when - since <= REPORT_S, "reported only after %s: %s" % (seconds(when - since), words))
    require(job.process.returncode != 0, "mpirun's exit code is 0")
    return words, when - since


def document(job):
    try:
        return json.loads(job.text(job.out))
    except ValueError as error:
        raise Failed("no JSON document on stdout (%s); it said: %s" % (error, job.said())) from None


def pi_of(program, steps):
    text = subprocess.run([program, "pi-serial", steps, "--json"], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    run = json.loads(text)
    return run["result"]["pi"], run["timings"][0]["wall_s"]


def same_result(hosts, program):
    names = Job(hosts, ["hostname"])
    require(names.end(30) == 0, "mpirun hostname failed: " + names.said())
    found = sorted(names.text(names.out).split())
    require(found == [host.name for host in hosts], "the ranks run on " + ", ".join(found))
    pi, _ = pi_of(program, "1e8")
    job = Job(hosts, [program, "pi-parallel", "1e8", "--backend", "mpi", "--json"])
    require(job.end(60) == 0, "mpirun failed: " + job.said())
    run = document(job)
    require(run["partial"] is False, "the document is marked as partial")
    difference = abs(run["result"]["pi"] - pi)
    require(difference <= 1e-12, "pi is %.15f, and %.15f by one process" % (run["result"]["pi"], pi))
    end_of_all(job, time.monotonic())
    return "pi over %s: %.1e from one process's" % (", ".join(found), difference)


def lost_host(lose, how):
    def trial(hosts, program):
        host = hosts[2]
        job = begin(hosts, [program, "pi-parallel", LONG, "--backend", "mpi"])
        rank = rank_of(rank_on(host))
        since = time.monotonic()
        lose(host)
        ended = end_of_all(job, since)
        words, told = report(job, rank, host, since)
        return "host %s %s: reported after %s, mpirun ended after %s, all on it after %s: \"%s\"" % (
            host.name, how, seconds(told), seconds(ended["mpirun"]), seconds(ended[host.name]), words)
    return trial


def killed_rank(hosts, program):
    host = hosts[1]
    job = begin(hosts, [program, "pi-parallel", LONG, "--backend", "mpi", "--json"])
    process = rank_on(host)
    rank = rank_of(process)
    since = time.monotonic()
    process.kill()
    ended = end_of_all(job, since)
    words, told = report(job, rank, host, since)
    require(document(job)["partial"] is True, "the document is not marked as partial")
    return "rank %d on %s killed: reported after %s, mpirun ended after %s, a partial document: \"%s\"" % (
        rank, host.name, seconds(told), seconds(ended["mpirun"]), words)


def killed_worker(hosts, program):
    host = hosts[2]
    wall = min(pi_of(program, "1e8")[1] for _ in range(5))
    steps = "%.0fe8" % math.ceil(8 / wall)  # 8 s of one CPU
    job = begin(hosts, [program, "pi-parallel", steps, "--backend", "mpi", "--processes", "2", "--json"])
    process = rank_on(host)
    rank = rank_of(process)

    def workers():
        return [each for each in host.processes() if rank_of(each) == rank and each.pid != process.pid]
    require(wait_until(lambda: sum(each.ticks > 10 for each in workers()) >= 2, 10),
            "no two workers on %s; mpirun said: %s" % (host.name, job.said()))
    max(workers(), key=lambda each: each.ticks).kill()
    require(job.end(120) == 0, "the job failed: " + job.said())
    run = document(job)
    error = abs(run["result"]["pi"] - math.pi)
    require(error <= 1e-12 and run["partial"] is False, "pi is %.15f" % run["result"]["pi"])
    end_of_all(job, time.monotonic())
    return "a worker of rank %d on %s killed: the job went on to the end, pi with an error of %.1e" % (
        rank, host.name, error)


def run_all(cluster, program):
    """Runs all and prints a line for each; the exit code."""
    failed = 0
    for name, trial in (("the same result", same_result),
                        ("a host cut off", lost_host(lambda host: host.cut_off(), "cut off")),
                        ("a host whose packets are lost", lost_host(lambda host: host.lose(), "without packets")),
                        ("a killed rank", killed_rank), ("a killed worker", killed_worker)):
        try:
            print("ok: " + trial(cluster.hosts, program), flush=True)
        except Exception as failure:  # the other trials are run all the same
            failed += 1
            print("failed: %s: %s" % (name, failure if isinstance(failure, Failed) else repr(failure)), flush=True)
            if trial is same_result:
                break
        cluster.clear()
    return 1 if failed else 0
