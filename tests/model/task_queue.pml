/* TaskQueue: tasks are submitted, claimed, stolen, run and, after a death, submitted again. The ring
 * is short and the memory of a task is used again at once, so that a late worker meets both.
 *
 * Models, each atomic access a step:
 *   src/mp/scheduler/task_queue.hpp      BasicTaskQueue::submit, has_room, claim, at, remove,
 *                                        owner_died, take_out
 *   src/mp/scheduler/range_deque.hpp     BasicRangeDeque::pop, steal_from, owner_died, take_rest
 *   src/mp/backend.hpp                   BasicTaskStatus::try_begin, finish, is_open, is_running
 *   src/mp/scheduler/worker_loop.cpp     Worker::run_tasks, run_task
 *   src/mp/scheduler/task_submitter.cpp  TaskSubmitter::submit, submit_requeued
 *   src/mp/scheduler/recovery.cpp        Recovery::recover_tasks, recover_task, go_on
 * Bridge: TaskQueueModel, WorkerExits
 *
 * Left out: tasks of several items; sleeping, which event_count.pml has: a worker that finds nothing
 * waits until there is something unclaimed, or the owner calls after a death.
 *
 * Properties: a task is run by one worker at a time, and twice only after the death of a worker that
 * was running it; each is over once, so that the owner collects as many as it submitted, and the ring
 * has room again: else all wait, which is an invalid end.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef TASKS
#define TASKS 3 /* that are submitted, in all */
#endif
#ifndef SLOTS
#define SLOTS 2 /* tasks that there is memory for; at most 3 */
#endif
#ifndef ENTRIES
#define ENTRIES 2 /* of the ring */
#endif
#ifndef KILLS
#define KILLS 1
#endif

#define WORD(low, high) ((low) * 16 + (high))
#define LOW(word) ((word) >> 4)
#define HIGH(word) ((word) & 15)
#define EMPTY(word) (LOW(word) == HIGH(word))
/* What stands in an entry: the task, and the position that it was submitted at. */
#ifdef FAULT_ENTRY_WITHOUT_POSITION
#define ENTRY(position, task) ((task) + 1)
#else
#define ENTRY(position, task) ((position) * 4 + (task) + 1)
#endif
#define TASK(entry) (((entry) & 3) - 1)
#define IS_OF(entry, position) ((entry) == ENTRY(position, TASK(entry)))

#define OVER 0
#define OPEN 1
#define RUNNING 2 /* + worker */
#define NOBODY 15

byte range[WORKERS], base[WORKERS], announced[WORKERS];
byte task_of[WORKERS] = NOBODY; /* WorkerSlot::task */
byte entry[ENTRIES], status[SLOTS];
byte published, front;
bit called[WORKERS], gone[WORKERS], ended, bell;
byte kills;

/* For the properties alone. */
byte runs[SLOTS], excuses[SLOTS];
bit lost[SLOTS], under_way[SLOTS];

#ifdef VICTIM
#define KILL if :: kills < KILLS && me == VICTIM -> kills++; goto killed :: 1 fi
#else
#define KILL if :: kills < KILLS -> kills++; goto killed :: 1 fi
#endif

inline receive() {
    base[me] = low;
    KILL;
    range[me] = WORD(low, high);
    low = 0; high = 0;
    KILL;
    announced[me] = 0
}

/* ok: `low` is the position */
inline pop() {
    atomic { KILL; seen = range[me] };
    do
    :: atomic { EMPTY(seen) -> seen = 0; ok = 0; break }
    :: atomic { !EMPTY(seen) ->
            KILL;
            base[me] = LOW(seen);
            KILL;
            if
            :: range[me] != seen -> seen = range[me]
            :: else -> low = LOW(seen); range[me] = WORD(low + 1, HIGH(seen)); seen = 0; ok = 1; break
            fi
        }
    od
}

inline steal_from(victim) {
    atomic { KILL; seen = range[victim] };
    do
    :: atomic { EMPTY(seen) -> KILL; announced[me] = 0; seen = 0; ok = 0; break }
    :: atomic { !EMPTY(seen) ->
            KILL;
            low = HIGH(seen) - (HIGH(seen) - LOW(seen) + 1) / 2;
            high = HIGH(seen);
            announced[me] = WORD(low, high);
            KILL;
            if
            :: range[victim] != seen -> seen = range[victim]
            :: else -> range[victim] = WORD(LOW(seen), low); seen = 0; ok = 1; break
            fi
        }
    od;
    if
    :: atomic { ok -> KILL; receive() }
    :: else -> low = 0; high = 0
    fi
}

inline claim() {
    atomic { KILL; seen = front };
    do
    :: atomic { published == seen -> KILL; announced[me] = 0; seen = 0; ok = 0; break }
    :: atomic { published != seen ->
            KILL;
            low = seen;
            if /* how many */
            :: high = low + 1
            :: published - low > 1 -> high = low + 2
            fi;
#ifndef FAULT_CLAIM_NOT_ANNOUNCED
            announced[me] = WORD(low, high)
#endif
        };
        atomic {
            KILL;
            if
            :: front != seen -> seen = front; ok = 0
            :: else -> front = high; seen = 0; ok = 1
            fi
        };
        if :: ok -> break :: else fi
    od;
    if
    :: atomic { ok -> KILL; receive() }
    :: else -> low = 0; high = 0
    fi
}

inline remove() {
#ifdef FAULT_REMOVED_IN_TWO_STEPS
    atomic { KILL; ok = entry[low % ENTRIES] == ENTRY(low, task) };
    if
    :: atomic { ok -> KILL; entry[low % ENTRIES] = 0 }
    :: else
    fi
#else
    atomic {
        KILL;
        if
        :: entry[low % ENTRIES] == ENTRY(low, task) -> entry[low % ENTRIES] = 0
        :: else
        fi
    }
#endif
}

inline run_own() {
    do
    :: 1 ->
        pop();
        if
        :: !ok -> break
        :: else ->
            atomic {
                KILL;
                seen = entry[low % ENTRIES];
                if
                :: seen != 0 && IS_OF(seen, low) -> task = TASK(seen); ok = 1
                :: else -> ok = 0
                fi;
                seen = 0
            };
            if
            :: ok ->
                atomic {
                    KILL;
                    task_of[me] = task;
                    KILL;
                    ok = status[task] == OPEN;
                    if :: ok -> status[task] = RUNNING + me :: else fi
                };
                if
                :: atomic { ok ->
                        KILL;
                        assert(under_way[task] && runs[task] <= excuses[task]);
                        runs[task]++;
                        KILL;
                        assert(status[task] == RUNNING + me);
                        status[task] = OVER
                    };
                    atomic { KILL; bell = 1 }
                :: else
                fi;
                remove()
            :: else
            fi;
            atomic { task = 0; low = 0; ok = 0 }
        fi
    od
}

proctype worker(byte me) {
    byte seen, low, high, task, thefts;
    bit ok;
    do
    :: atomic { ended -> goto leaves }
    :: atomic { !ended -> called[me] = 0; KILL };
        do
        :: 1 ->
            run_own();
            claim();
            if
            :: ok
            :: else ->
                thefts = 1;
                do
                :: thefts < WORKERS ->
                    steal_from((me + thefts) % WORKERS);
                    if :: ok -> break :: else -> thefts++ fi
                :: else -> break
                od;
                thefts = 0;
                if :: ok :: else -> break fi
            fi
        od;
        atomic { called[me] || published != front || ended -> KILL }
    od;
killed:
    atomic { seen = 0; low = 0; high = 0; task = 0; thefts = 0; ok = 0; gone[me] = 1 };
leaves:
    skip
}

chan to_requeue = [8] of { byte };

inline submit(what) {
    entry[published % ENTRIES] = ENTRY(published, what);
    atomic { published++; assert(published < 15) }
}

inline take_out(positions) {
    atomic { at = LOW(positions); last = HIGH(positions) };
    do
    :: atomic { at < last ->
            seen = entry[at % ENTRIES];
            if
            :: seen != 0 && IS_OF(seen, at) -> task = TASK(seen)
            :: else -> task = NOBODY
            fi;
            seen = 0
        };
        if
        :: task == NOBODY
        :: else ->
            if
#ifdef FAULT_LEFT_WHILE_IT_RUNS
            :: atomic { status[task] >= RUNNING -> task = NOBODY }
#endif
            :: else ->
                if
                :: atomic { status[task] == OPEN -> if :: task != again -> to_requeue ! task :: else fi }
                :: else
                fi;
                atomic { entry[at % ENTRIES] = 0; task = NOBODY }
            fi
        fi;
        at++
    :: atomic { at >= last -> at = 0; last = 0; task = NOBODY; break }
    od
}

inline recover(dying) {
    atomic {
        again = NOBODY;
        task = task_of[dying];
        task_of[dying] = NOBODY;
        if
        :: task != NOBODY && status[task] == RUNNING + dying ->
            if
            :: excuses[task]++; status[task] = OPEN; /* it is run again */
#ifndef FAULT_REQUEUED_BY_ITS_ENTRY
                again = task;
                to_requeue ! task
#endif
            :: lost[task] = 1; status[task] = OVER
            fi
        :: else
        fi;
        task = NOBODY
    };
    atomic {
        was_announced = announced[dying];
        announced[dying] = 0;
        seen = range[dying];
        claimed = (was_announced == 0 -> WORD(base[dying], LOW(seen)) : 0);
        base[dying] = 0;
        seen = 0
    };
    atomic { rest = range[dying]; range[dying] = 0 };
    take_out(claimed);
    take_out(rest);
#ifndef FAULT_ANNOUNCED_FORGOTTEN
    take_out(was_announced);
#endif
    atomic {
        claimed = 0; rest = 0; was_announced = 0; again = NOBODY;
        at = 0;
        do
        :: at < WORKERS -> called[at] = 1; at++
        :: else -> break
        od;
        at = 0;
        gone[dying] = 0;
        if :: !ended -> run worker(dying) :: else fi
    }
}

inline collect() {
    atomic {
        at = 0;
        do
        :: at < SLOTS ->
            if
            :: under_way[at] && status[at] == OVER ->
                assert(runs[at] > 0 || lost[at]);
                under_way[at] = 0; runs[at] = 0; excuses[at] = 0; lost[at] = 0;
                collected++
            :: else
            fi;
            at++
        :: else -> break
        od;
        at = 0
    }
}

#define HAS_MEMORY (!under_way[0] || !under_way[1 % SLOTS] || !under_way[SLOTS - 1])

active proctype owner() {
    byte at, last, seen, task = NOBODY, again = NOBODY, was_announced, rest, claimed, submitted, collected, free;
    atomic {
        do
        :: at < WORKERS -> run worker(at); at++
        :: else -> break
        od;
        at = 0
    };
    do
    :: collected == TASKS -> break
    :: bell -> atomic { bell = 0; collect() }
    :: atomic { submitted < TASKS && HAS_MEMORY && empty(to_requeue) && entry[published % ENTRIES] == 0 ->
            free = 0;
            do
            :: under_way[free] -> free++
            :: else -> break
            od;
            under_way[free] = 1;
            status[free] = OPEN;
            submitted++
        };
        submit(free);
        free = 0
    :: atomic { nempty(to_requeue) && entry[published % ENTRIES] == 0 -> to_requeue ? free };
        submit(free);
        free = 0
    :: gone[0] -> recover(0); bell = 1
    :: gone[1] -> recover(1); bell = 1
#if WORKERS > 2
    :: gone[2] -> recover(2); bell = 1
#endif
    od;
    ended = 1
}
