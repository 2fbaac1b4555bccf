#!/usr/bin/env python3
"""Checks the layers: which files a file may include. Prints `file:line: what, why` for each offence; exit 1 if there is one.

    .ci/layers.py [--root DIR]

A file sees its own layer and lower ones and, of external libraries, only the standard library and what its row allows.
"""

import argparse
import os
import re
import sys
from pathlib import Path

# The first row that matches a file applies: pattern, layer, what it may use beyond the standard library.
# `inside` marks the engine's headers that are not installed.
ROWS = [
    (r"src/mp/os/\w+_linux\.(hpp|cpp)", 0, {"inside", "kernel", "linux", "dlfcn"}),
    (r"src/mp/os/\w+\.(hpp|cpp)", 0, {"inside", "kernel", "dlfcn"}),
    (r"src/mp/codec\.(hpp|cpp)", 1, set()),
    (r"src/mp/cereal\.hpp", 1, {"cereal"}),
    (r"src/mp/(duration|error|item_seed|log|interrupt|stats|worker)\.(hpp|cpp)", 1, set()),
    (r"src/mp/failure\.(hpp|cpp)", 1, set()),
    (r"src/mp/trace\.(hpp|cpp)", 1, set()),
    (r"src/mp/program_trace\.(hpp|cpp)", 2, {"inside"}),
    (r"src/mp/interrupt_event\.(hpp|cpp)", 1, {"inside"}),
    (r"src/mp/(process|shared|cpu)\.(hpp|cpp)", 2, set()),
    (r"src/mp/arena\.(hpp|cpp)", 2, {"inside"}),
    (r"src/mp/scheduler/\w+\.(hpp|cpp)", 3, {"inside"}),
    (r"src/mp/backends/registry\.cpp", 4, {"inside", "dlfcn"}),
    (r"src/mp/backends/\w+\.(hpp|cpp)", 4, {"inside"}),
    (r"src/mp/(backend|calls|plugin|ranks|storage|task|task_memory)\.(hpp|cpp)", 3, set()),
    (r"src/mp/((async|core|future|imap|pool)\.(hpp|cpp)|mp\.hpp)", 5, set()),
    (r"src/mp_mpi/sys/\w+\.(hpp|cpp)", 5, {"kernel", "linux", "dlfcn"}),
    (r"src/mp_mpi/\w+\.(hpp|cpp)", 5, {"mpi"}),
    (r"src/mpworkshop/text/\w+\.(hpp|cpp)", 6, {"fmt"}),
    (r"src/mpworkshop/sys/\w+_linux\.cpp", 7, {"kernel", "linux", "hwloc", "fmt"}),
    (r"src/mpworkshop/sys/\w+\.cpp", 7, {"kernel", "hwloc", "fmt"}),
    (r"src/mpworkshop/sys/\w+\.hpp", 7, {"fmt"}),
    (r"src/mpworkshop/input/\w+\.(hpp|cpp)", 8, {"fmt"}),
    (r"src/mpworkshop/kit/python\.cpp", 9, {"fmt", "json"}),
    (r"src/mpworkshop/kit/\w+\.(hpp|cpp)", 9, {"fmt"}),
    (r"exercises/\w+/practice/(\w+/)*\w+\.(hpp|cpp)", 10, set()),
    (r"exercises/\w+/command\.cpp", 10, {"fmt"}),
    (r"exercises/\w+/\w+\.cpp", 10, set()),
    (r"exercises/\w+\.(hpp|cpp)", 10, {"CLI11", "fmt"}),
    (r"src/mpworkshop/report/\w+\.(hpp|cpp)", 11, {"fmt", "json"}),
    (r"src/mpworkshop/record/\w+\.(hpp|cpp)", 12, {"fmt"}),
    (r"src/mpworkshop/curriculum/\w+\.(hpp|cpp)", 12, {"fmt"}),
    (r"src/mpworkshop/page/\w+\.(hpp|cpp)", 12, {"fmt"}),
    (r"src/mpworkshop/cli/\w+\.(hpp|cpp)", 13, {"CLI11", "fmt", "spdlog", "json"}),
    (r"src/mpworkshop/benchmark/\w+\.(hpp|cpp)", 14, {"fmt", "json"}),
    (r"src/mpworkshop/practice/\w+\.(hpp|cpp)", 15, {"fmt", "json"}),
    (r"src/mpworkshop/commands/\w+\.(hpp|cpp)", 16, {"fmt", "json"}),
    (r"src/mpworkshop/(main|all_commands)\.cpp", 17, {"fmt"}),
]

# Internal headers of the engine that the plugin uses, so that it need not repeat them.
LENT = {"src/mp/os/descriptor.hpp", "src/mp/scheduler/worker_stats.hpp"}

# Libraries by the start of an included name. Other names that end in .h, and are not of C, belong to the kernel.
LIBRARIES = {
    "cereal": r"cereal/", "CLI11": r"CLI/", "fmt": r"fmt/", "spdlog": r"spdlog/", "json": r"nlohmann/",
    "hwloc": r"hwloc(\.h$|/)", "mpi": r"mpi\.h$", "dlfcn": r"dlfcn\.h$",
    "linux": r"(linux|asm)/|sys/(epoll|eventfd|signalfd|timerfd|inotify|fanotify|pidfd|prctl|personality|sendfile"
             r"|syscall|sysinfo|vfs|auxv)\.h$|syscall\.h$",
    "anyone": r"sys/types\.h$|(\w*intrin|cpuid|cxxabi)\.h$"
              r"|(assert|ctype|errno|fenv|float|inttypes|limits|locale|math|setjmp|stdarg|stddef|stdint|stdio|stdlib"
              r"|string|time|uchar|wchar|wctype)\.h$|[a-z_0-9]+$",
    "kernel": r".*\.h$",
}

# Calls that only Linux has, in headers which other systems have too: only *_linux files may make them.
LINUX_CALLS = (r"memfd_create|sched_[gs]etaffinity|pthread_[gs]etaffinity_np|prctl|syscall|eventfd|signalfd"
               r"|timerfd_\w+|epoll_\w+|pidfd_\w+|unshare|setns|getcpu|mremap|process_vm_\w+")
LINUX_CALL = re.compile(rf"(?<![\w:])::({LINUX_CALLS})\b|(?<![\w.>:])({LINUX_CALLS})\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*(?:"([^"]*)"|<([^>]*)>|(.+))')


def row(path):
    return next(((layer, uses) for pattern, layer, uses in ROWS if re.fullmatch(pattern, path)), None)


def library(name):
    return next((library for library, start in LIBRARIES.items() if re.match(start, name)), "an unknown library")


def without_comments(text):
    """The same lines, comments emptied: what a comment says is no include and no call."""
    def blank(match):
        return match[0] if match[0][0] in "\"'" else re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', blank, text, flags=re.S)


def resolve(root, path, name, quoted):
    """The file of this project that an include names, or None."""
    near = [os.path.dirname(path)] if quoted else []
    if near and near[0].endswith("/practice/wrong"):  # it is tried in the folder of its task
        near.append(os.path.dirname(near[0]))
    for folder in near + ["src", "."]:
        target = os.path.normpath(os.path.join(folder, name))
        if (root / target).is_file():
            return target
    return None


def why_not(path, target):
    """Why `path` may not include the project's file `target`; empty when it may."""
    mine, theirs = row(path), row(target)
    if theirs is None:
        return "which is in no layer"
    if theirs[0] > mine[0]:
        return f"layer {mine[0]} does not see layer {theirs[0]}"
    lent = path.startswith("src/mp_mpi/") and target in LENT
    if "inside" in theirs[1] and not path.startswith("src/mp/") and not lent:
        return "it is the engine's inside, not one of its public headers"
    if "inside" in theirs[1] and "inside" not in mine[1] and path.endswith(".hpp") and not lent:
        return "a public header must not show the engine's inside"
    if target.startswith("src/mp_mpi/") and not path.startswith("src/mp_mpi/"):
        return "a plugin is loaded, never included"
    return ""


def check_file(root, path, edges):
    if row(path) is None:
        yield 1, "is in no layer", "name it in the rows of .ci/layers.py"
        return
    layer, uses = row(path)
    text = without_comments((root / path).read_text(encoding="utf-8", errors="replace"))
    for number, line in enumerate(text.splitlines(), 1):
        if found := INCLUDE.match(line):
            quoted, angled, other = found.groups()
            name = quoted or angled
            if name is None:
                yield number, f"includes {other.strip()}", "an include must be written out to be checked"
            elif target := resolve(root, path, name, quoted):
                edges.setdefault(path, []).append((target, number))
                if reason := why_not(path, target):
                    yield number, f"includes {name}", reason
            elif quoted or name.startswith(("mp/", "mpworkshop/", "exercises/")):
                yield number, f"includes {name}", "there is no such file in this project"
            elif (kind := library(name)) != "anyone" and kind not in uses:
                yield number, f"includes {name}", f"layer {layer} may not use {kind} here"
        elif "linux" not in uses and (call := LINUX_CALL.search(re.sub(r'"[^"]*"', "", line))):
            yield number, f"calls {call[1] or call[2]}", "what only Linux has belongs into a file called *_linux.cpp"


def cycles(edges):
    """Each include that closes a circle: (file, line, the circle)."""
    done, trail = set(), []

    def visit(path):
        trail.append(path)
        for target, line in edges.get(path, []):
            if target in trail:
                yield path, line, trail[trail.index(target):] + [target]
            elif target not in done:
                yield from visit(target)
        done.add(trail.pop())

    for path in sorted(edges):
        if path not in done:
            yield from visit(path)


def offences(root):
    edges = {}
    files = sorted(str(file.relative_to(root)) for top in ("src", "exercises") for file in (root / top).rglob("*")
                   if file.suffix in {".c", ".cc", ".cpp", ".h", ".hpp", ".ipp"})
    if not files:
        yield ".", 1, "has no sources", "is --root the top of the project?"
    for path in files:
        for line, what, why in check_file(root, path, edges):
            yield path, line, what, why
    for path, line, circle in cycles(edges):
        yield path, line, "closes a circle", " -> ".join(circle)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    found = list(offences(parser.parse_args().root.resolve()))
    for path, line, what, why in found:
        print(f"{path}:{line}: {what}, {why}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
