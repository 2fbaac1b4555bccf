"""Hosts on one machine: each has its own name, network, processes, /tmp and ssh daemon; a switch joins them.

Works inside of namespaces made for it, where / is read-only and /run is its own: with them all of it ends.
"""

import os
import signal
import subprocess
import time

FOLDER = "/run/hosts"
NETWORK = "10.77.0.0/24"

SSH = """\
Host *
    User root
    IdentityFile %(folder)s/key
    IdentitiesOnly yes
    UserKnownHostsFile %(folder)s/known_hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 5
    ServerAliveInterval 1
    ServerAliveCountMax 3
    LogLevel ERROR
"""

SSHD = """\
ListenAddress %(address)s
HostKey %(folder)s/key
AuthorizedKeysFile %(folder)s/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
UseDNS no
PidFile none
PrintMotd no
"""

START = """\
set -e
hostname %(name)s
read -r _  # until the cable is there
ip link set lo up
ip address add %(address)s/24 dev eth0
ip link set eth0 up
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /dev/shm
case %(home)s in /tmp/*) mkdir -p %(home)s; mount --bind %(folder)s/home %(home)s ;; esac
exec %(sshd)s -D -e -f %(folder)s/sshd-%(name)s </dev/null
"""


def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def wait_until(condition, seconds):
    """Whether `condition` came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def read(path):
    """The text of a file; empty where it is gone."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def write(name, text):
    with open(os.path.join(FOLDER, name), "w") as file:
        file.write(text)


def namespace(pid, kind):
    """The id of a process's namespace; empty where the process is gone."""
    try:
        return os.readlink("/proc/%s/ns/%s" % (pid, kind))
    except OSError:
        return ""


class Process:
    """A process that ran when this was made."""

    def __init__(self, pid):
        self.pid = pid
        text = read("/proc/%d/stat" % pid)
        self.name = text[text.find("(") + 1:text.rfind(")")]
        rest = text[text.rfind(")") + 1:].split()
        self.state = rest[0] if rest else "X"
        self.parent = int(rest[1]) if rest else 0
        self.ticks = int(rest[11]) + int(rest[12]) if rest else 0

    def variable(self, name):
        """The value of a variable in its environment."""
        for each in read("/proc/%d/environ" % self.pid).split("\0"):
            if each.startswith(name + "="):
                return each[len(name) + 1:]
        return None

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)


class Host:
    def __init__(self, number, sshd, home):
        self.name = "node%d" % number
        self.address = "10.77.0.%d" % number
        values = {"name": self.name, "address": self.address, "folder": FOLDER, "sshd": sshd, "home": home}
        write("sshd-" + self.name, SSHD % values)
        self.log = os.path.join(FOLDER, "log-" + self.name)
        with open(self.log, "w") as log:
            outside = subprocess.Popen(
                ["unshare", "--net", "--uts", "--ipc", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                 "sh", "-c", START % values], stdin=subprocess.PIPE, stdout=log, stderr=log)
        children = "/proc/%d/task/%d/children" % (outside.pid, outside.pid)
        if not wait_until(lambda: read(children), 5):
            raise RuntimeError("%s did not start: %s" % (self.name, read(self.log)))
        self.init = int(read(children))
        self.space = namespace(self.init, "pid")
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", str(self.init))
        self.mend()
        outside.stdin.write(b"\n")
        outside.stdin.close()

    def command(self, words):
        """The command that runs `words` on this host."""
        return ["nsenter", "--all", "--target", str(self.init), "--"] + words

    def processes(self):
        """The processes on it, except its ssh daemon."""
        found = [Process(int(each)) for each in os.listdir("/proc")
                 if each.isdigit() and namespace(each, "pid") == self.space]
        return [each for each in found if each.state not in "XZ" and each.name != "sshd"]

    def cut_off(self):
        """Disconnects its cable."""
        run("ip", "link", "set", self.name, "down")

    def lose(self):
        """Drops its packets at the switch; its cable seems to work."""
        run("ip", "link", "set", self.name, "nomaster")

    def mend(self):
        run("ip", "link", "set", self.name, "master", "switch", "up")


class Cluster:
    """`home` is the program's folder: the hosts see it, in /tmp as well. `started` is told of each host."""

    def __init__(self, size, sshd, home, started):
        names = ["node%d" % (i + 1) for i in range(size)]
        os.makedirs(FOLDER + "/home")
        os.makedirs("/run/sshd")
        run("mount", "--bind", home, FOLDER + "/home")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "hosts", "-f", FOLDER + "/key")
        write("known_hosts", "%s %s" % (",".join(names), read(FOLDER + "/key.pub")))
        write("ssh", SSH % {"folder": FOLDER})
        write("hosts", "127.0.0.1 localhost\n" + "".join("10.77.0.%d %s\n" % (i + 1, n) for i, n in enumerate(names)))
        others = [line for line in read("/etc/passwd").splitlines(True) if not line.startswith("root:")]
        write("passwd", "root:x:0:0::/tmp:/bin/sh\n" + "".join(others))
        write("shadow", "root:*:19000:0:99999:7:::\n")  # a root whose password is locked may not log in
        for file in ("hosts", "passwd", "shadow"):
            run("mount", "--bind", os.path.join(FOLDER, file), "/etc/" + file)
        run("ip", "link", "add", "switch", "type", "bridge")
        run("ip", "link", "set", "switch", "up")
        self.hosts = []
        for i in range(size):
            self.hosts.append(Host(i + 1, sshd, home))
            started(self.hosts[-1])
        self.wait_for_all()

    def wait_for_all(self):
        """Until the first host reaches each by ssh."""
        for host in self.hosts:
            words = self.hosts[0].command(["ssh", "-F", FOLDER + "/ssh", host.name, "true"])
            if not wait_until(lambda: subprocess.run(words, stdin=subprocess.DEVNULL,
                                                     stderr=subprocess.DEVNULL).returncode == 0, 10):
                raise RuntimeError("no ssh to %s: %s" % (host.name, read(host.log)))

    def clear(self):
        """Ends what runs on the hosts, and reconnects the cables."""
        for host in self.hosts:
            for process in host.processes():
                try:
                    process.kill()
                except ProcessLookupError:
                    pass
            host.mend()
        if not wait_until(lambda: not any(host.processes() for host in self.hosts), 5):
            raise RuntimeError("what runs on the hosts cannot be ended")
        self.wait_for_all()
