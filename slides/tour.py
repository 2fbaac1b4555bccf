#!/usr/bin/env python3
"""Records the tour of five minutes, docs/tour.cast, from real runs: tour.py [NAME...]

With names, only these chapters run; the others are kept as they are. A run that other programs disturbed is repeated
until `--patience` minutes are over. The output and its times are those of the run; only the typing, and the pauses for
reading, are added. The file is asciinema's format, version 2; each chapter begins with a marker.
"""

import argparse
import fcntl
import json
import os
import pty
import re
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CAST = HERE.parent / "docs/tour.cast"
WIDTH, HEIGHT = 80, 36

# The name of each chapter, what it shows, and its command.
CHAPTERS = {
    "pi-parallel": ("A sum of a billion terms, on all CPUs.", "./run pi-parallel 1e9"),
    "race": ("Two threads add to one counter, and updates are lost.", "./run race --threads 2"),
    "gil": ("Under one lock, threads compute in turns. They wait all at once.", "./run gil -p 2"),
    "threads-io": ("So threads help if the work is waiting.", "./run threads-io --seconds 0.5"),
    "concurrency": ("Concurrency is not parallelism.", "./run concurrency"),
    "cores": ("How many CPUs may this program use?", "./run cores"),
    "process-demo": ("Three processes run three functions.", "./run process-demo"),
    "map": ("A pool runs one function on many inputs. Is the pool faster?", "./run map --count 5"),
    "starmap": ("The same with several arguments.", "./run starmap 1,3 5,9 2,3"),
    "chunks": ("How many inputs should a worker take at once?", "./run chunks"),
    "pi-serial": ("Pi as a sum, in one process.", "./run pi-serial 10 1000 1e5 1e7 1e9"),
    "plain": ("The plain loop of the lesson, with a hundredth of the steps.", "./run pi-serial --plain 1e7"),
    "python": ("The same loop in Python.", "./run pi-serial --python 1e7"),
    "compare": ("Do two processes pay? Measured, with a verdict.", "./run compare pi"),
    "time": ("Any program of yours, measured in the same way.", "./run time -- sleep 1"),
    "practice": ("Now write it yourself.", "./run practice"),
}


def capture(command):
    """Runs the command on a terminal: what it printed, as pairs of seconds since its start and text."""
    program = str(Path(os.environ.get("MPWORKSHOP", HERE.parent / "build/release/mpworkshop")).resolve())
    with tempfile.TemporaryDirectory() as folder:
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
            os.chdir(folder)
            os.environ.update(HOME=folder, XDG_STATE_HOME=folder, TERM="xterm-256color", MPWORKSHOP_SCRIPT="./run")
            os.execv(program, [program, *command.split()[1:]])
        begin, events, rest = time.monotonic(), [], b""
        while True:
            try:
                read = os.read(terminal, 65536)
            except OSError:  # Linux reports the end of the other side as an error
                break
            if not read:
                break
            rest += read
            whole = rest.decode(errors="ignore")  # a character may be cut in two
            rest = rest[len(whole.encode()):]
            events.append((time.monotonic() - begin, whole))
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit(f"tour: '{command}' ended with {os.waitstatus_to_exitcode(status)}: {''.join(text for _, text in events)}")
    return events


def undisturbed(command, deadline):
    while True:
        events = capture(command)
        if not re.search("other programs\\s+used", "".join(text for _, text in events), re.I):
            return events
        if time.monotonic() > deadline:
            return None
        time.sleep(5)


def chapter(say, command, output):
    """The events of a chapter from 0 on: the typing, then the output."""
    events, now = [(0.0, "\x1b[2J\x1b[H")], 0.5
    for line, pause in ((f"# {say}", 0.6), (command, 0.4)):
        events.append((now, "$ "))
        for letter in line:
            now += 0.03
            events.append((now, letter))
        now += pause
        events.append((now, "\r\n"))
    return events + [(now + seconds, text) for seconds, text in output]


def lines_of(events):
    """What is on the screen at the end of a chapter: its lines, without what was overwritten."""
    text = "".join(text for _, text in events).replace("\x1b[2J\x1b[H", "").replace("\x1b[K", "")
    return [line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n")]


def seconds_to_read(events):
    """Tables are looked through faster than sentences, and long ones are not read to the end."""
    return min(3 + sum(len(line.split()) for line in lines_of(events)) / 12, 16)


def read_cast(path):
    """The events of each chapter in a cast."""
    if not path.exists():
        return {}
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    starts = [(at, name) for at, kind, name in events if kind == "m"]
    chapters = {}
    for (at, name), (end, _) in zip(starts, [*starts[1:], (events[-1][0], None)]):
        chapters[name] = [(t - at, text) for t, kind, text in events if kind == "o" and at <= t < end]
    return chapters


def write_cast(path, chapters):
    lines, now = [{"version": 2, "width": WIDTH, "height": HEIGHT, "title": "mpworkshop: the tour"}], 0.0
    for name in filter(chapters.get, CHAPTERS):
        events = [(round(seconds, 3), text) for seconds, text in chapters[name]]
        lines.append([now, "m", name])
        lines += [[round(now + seconds, 3), "o", text] for seconds, text in events]
        now = round(now + events[-1][0] + seconds_to_read(events), 3)
    lines.append([now, "o", "\r\n"])
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="chapters to record again (default: all)")
    parser.add_argument("--patience", type=float, default=5, help="minutes to wait for an idle machine (default: 5)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(CHAPTERS):
        parser.error(f"there is no chapter {', '.join(sorted(unknown))}; known: {', '.join(CHAPTERS)}")
    deadline, disturbed = time.monotonic() + 60 * options.patience, []
    for name in options.names or CHAPTERS:
        say, command = CHAPTERS[name]
        print(command, flush=True)
        if output := undisturbed(command, deadline):
            write_cast(CAST, {**read_cast(CAST), name: chapter(say, command, output)})
        else:
            disturbed.append(name)
    if disturbed:
        sys.exit(f"tour: other programs were running during {', '.join(disturbed)}. Record these again on an idle machine.")


if __name__ == "__main__":
    main()
