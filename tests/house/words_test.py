#!/usr/bin/env python3
"""Finds names with words that the project no longer uses.

Checks the names of files and folders, and identifiers, in src, exercises and tests, regardless of case and word
boundaries: `sentences_` holds `sentence`. Comments, texts in quotes, and the names of test cases, which are
sentences, are not checked.
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "exercises", "tests")

# The words, and what to say.
WORDS = {
    "fork server": "template heritage",
    "scheduler, recovery": "crew",
    "SharedState, WorkerSlot, JobSlot, RangeDeque": "board place posting cell",
    "chunk (what the user asks for) or grain (what a claim takes)": "claim block piece series stretch share batch",
    "result heap": "outbox",
    "epoch, waiters, pollers, notify; os::EventFd": "bell ring sleeper dozer doze",
    "WorkerCounters, TraceBuffer": "record timesheet",
    "worker_loop, run_worker, TaskBudget, WorkerHost": "work serve shift surroundings",
    "PendingKill, mark_for_kill, WorkerExit, record_loss, stolen, unaccounted, reruns":
        "sentence condemn death loss loot suspicion repair",
    "ActiveJob, retire, collect_finished, to_requeue, reclaim_abandoned, open iterations":
        "flight land harvest overdue bury orphan walk",
    "Future, CallFrame, ChunkFrame": "owed outcome pending onecall chunkcall",
    "os/syscall": "call",
    "coordinator, transport, transfer, remote_stats, node_agent, session, RankInfo, remote_job":
        "leader mail letter ledger page team single membership card assignment",
    "wire": "facts failed values",
    "backoff, liveness, goodbye, loaded object, CodeMap, host": "pause lifeline farewell module here",
    "command; lesson_text, progress, curriculum": "tool story state course",
    "benchmark, alternation": "measur schedule",
    "CpuAffinityGuard, run_simultaneously, elapsed, RunIntervals, StartBarrier":
        "onlyon together spent ranwhen gate",
}

# Everyday words, part of many good names: only these shapes of them are given up.
NARROW = {
    "work": r"work\.(hpp|cpp)|works?_on\w*|\w*crew_?work\w*",    # worker, workshop; work is what is to be done
    "serve": r"serve_(alone|team)",                   # reserve, server; mp::Ranks::serve() is public
    "call": r"call\.(hpp|cpp)",                       # a call is what Python calls it, too
    "state": r"state\.(hpp|cpp)|state_file.*|\w+_state_file|(read|write|remove|check|why_no)_state|state_path",
    "here": r"(\w+_)?here(_only)?|here\.(hpp|cpp)",   # where, there
    "place": r"places?_?|Places?",                    # emplace, replace
    "ring": r"ring_?|ring_(if|owner|used)\w*|rings?|rang",   # string, during, and all that ends in -ring
    "land": r"land(ed|s)?_?",                         # and so on
    "page": r"Page|pages?_?",                         # pages of memory and of the Web, by their files below
    "card": r"cards?_?\w*|Card\w*",                   # discard
    "single": r"Single\w*|single_?|single\.(hpp|cpp)",
    "failed": r"Failed|failed\.(hpp|cpp)",            # what has failed, has
    "values": r"values\.(hpp|cpp)",                   # a value is a value
    "facts": r"\w*Facts|facts_of|facts\.(hpp|cpp)",   # facts in a report are facts
    "share": r"Share|shares?_?|\w+_share|share_\w+",   # shared memory is the subject
    "team": r"\w*team_?\w*|Team\w*",                  # steam, stream
    "measur": r"measur(e|ed|ing)\w*",                 # measurable, a measurement
    "owed": r"owed\w*|Owed",                          # allowed, borrowed
    "posting": r"postings?_?|Posting",
    "cell": r"cells?_?|Cell|queue_cell",              # cancelled
    "mail": r"mail_?|Mail|mail\.(hpp|cpp)",
}

# Where a word means something else. Name (whole), where, why.
PROGRAM = r"(src/mpworkshop|exercises|tests/(mpworkshop|exercises))/.*"
EXCEPTIONS = [
    ("template", r"template", r".*", "the keyword"),
    ("block", r"(O|SOCK|EFD|IN)_NONBLOCK|EWOULDBLOCK|SIG_(UN)?BLOCK|SignalsBlocked|blocked_?|block_all", r".*", "of a call or a signal"),
    ("block", r"SharedBlock|arena_block_size|block", r"src/mp/.*", "of memory, or to block, as the C library says"),
    ("block", r"blocks", PROGRAM, "a choice of --split that users know; characters that fill"),
    ("block", r"block", r"src/mpworkshop/kit/waiting\.cpp", "of a disk"),
    ("block", r"\w*blocks?(_avx\w+)?", r"tests/bench/pi_.*", "of a loop, as compilers say"),
    ("batch", r"batch|batches|trips_in_batch", r"tests/bench/floors\.hpp", "so many trips between two looks at the clock"),
    ("batch", r"pi\.sbatch", r"tests/slurm/.*", "what Slurm's own command is called"),
    ("share", r"\w*shares?(_of)?|Share", PROGRAM, "a worker's part of the sum; a part of a whole, in percent"),
    ("series", r"PlotSeries|series", r"(src|tests)/mpworkshop/(report/.*|page/.*|(benchmark/)?scaling(_test)?\.cpp)", "of points in a plot"),
    ("claim", r"claim|(most_)?claimed_?|claimed_by|has_unclaimed|discard_unclaimed|next_claim", r".*", "what a worker does to the queue"),
    ("claim", r"reclaim_abandoned", r".*", "to get back what nobody wants"),
    ("cell", r"cells?_?", r"(src/mpworkshop/(report|kit)|exercises|tests/exercises)/.*", "of a table"),
    ("board", r"keyboard_?", r"tests/.*", "with keys"),
    ("record", r"record_loss", r".*", "to record"),
    ("record", r"\w*[Rr]ecord\w*(\.[hc]pp)?", PROGRAM, "of what ran here, and to keep it there"),
    ("record", r"[Rr]ecord", r"tests/fuzz/.*", "likewise"),
    ("record", r"RecordProperty", r"tests/.*", "GoogleTest's"),
    ("death", r"PR_SET_PDEATHSIG", r".*", "the kernel's"),
    ("loss", r"record_loss|\w*loss\w*", r".*", "to lose an update is what the lesson race shows; to lose an item"),
    ("orphan", r"expect_no_orphans", r"tests/mp/.*", "processes without a parent, as Unix calls them"),
    ("outcome", r"[Oo]utcome", PROGRAM, "what a run of an exercise found out; the lessons use it"),
    ("outcome", r"outcome(_of)?", r"tests/.*", "what came of it"),
    ("pending", r"PendingKill|pending_kills?(_count)?_?", r".*", "a kill that is yet to come"),
    ("pending", r"(is_)?pending|sigpending", r"src/mpworkshop/sys/.*", "signals, as POSIX calls them"),
    ("page", r"pages_?", r"src/mp/arena\.[ch]pp", "of memory"),
    ("page", r"page", r".*", "of the Web, or to print"),
    ("pause", r"pause|__builtin_ia32_pause", r".*", "POSIX's call, and the processor's instruction"),
    ("gate", r"ReportAggregatesOnly", r"tests/bench/.*", "Google Benchmark's"),
    ("schedule", r"\w*[Ss]cheduler\w*(\.[hc]pp)?", r".*", "the name of the engine's part that shares work out"),
    ("schedule", r"chunk_schedule(_test)?\.[ch]pp|ChunkSchedule", r"(src|tests)/mp_mpi/.*", "which chunks go out when"),
    ("schedule", r"schedule", r"tests/bench/.*", "OpenMP's"),
    ("story", r"[Hh]istory", r".*", "of what ran here"),
    ("measur", r"measurable", r".*", "of a difference"),
]

CPP = re.compile(r"""
    (?:u8|[uUL])?R"(?P<delim>[^()\\\s]*)\(.*?\)(?P=delim)"
  | //[^\n]* | /\*.*?\*/ | \#\s*include[^\n]*
  | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*" | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'
  | (?P<std>(?:\bstd|\bCLI|\bfmt|\btesting|\bnlohmann)(?:\s*::\s*\w+)+)
  | (?P<test>\bTEST(?:_F|_P)?\s*\(\s*(?P<suite>\w+)\s*,\s*\w+\s*\))
  | (?P<name>[A-Za-z_]\w*)
""", re.X | re.S)


def names_in(text):
    """Each identifier that the project gives or uses, with its line."""
    for found in CPP.finditer(text):
        name = found["name"] or found["suite"]
        if name:
            yield name, text.count("\n", 0, found.start()) + 1


def word_in(name):
    """The word that is in a name, and what to say instead; None."""
    for better, words in WORDS.items():
        for word in words.split():
            if word not in name.lower():
                continue
            if word in NARROW and not re.fullmatch(NARROW[word], name):
                continue
            return word, better
    return None


def is_excepted(word, name, path):
    return any(re.fullmatch(names, name) and re.fullmatch(where, path) and word in words.split()
               for words, names, where, _ in EXCEPTIONS)


def offences(root):
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            path = str(file.relative_to(root))
            if not file.is_file() or "__pycache__" in path:
                continue
            for part in Path(path).parts:
                found = word_in(part)
                if found and not is_excepted(found[0], part, path):
                    yield f"{path}:1: {part} holds '{found[0]}'; say {found[1]}"
            if file.suffix not in {".cpp", ".hpp"}:
                continue
            said = set()
            for name, line in names_in(file.read_text(encoding="utf-8")):
                found = word_in(name)
                if found and name not in said and not is_excepted(found[0], name, path):
                    said.add(name)
                    yield f"{path}:{line}: {name} holds '{found[0]}'; say {found[1]}"


class Words(unittest.TestCase):
    def test_no_word_that_was_given_up_names_anything(self):
        self.assertEqual(list(offences(ROOT)), [])


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--list":
        print("\n".join(offences(Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT)))
    else:
        unittest.main()
