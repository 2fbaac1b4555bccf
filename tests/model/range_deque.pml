/* RangeDeque: grains of one job are claimed and stolen; any worker may be killed between two steps,
 * the owner recovers what it had, and another worker takes its place.
 *
 * Models, each atomic access a step:
 *   src/mp/scheduler/range_deque.hpp   BasicRangeDeque::pop, steal_from, announce, receive, withdraw,
 *                                      take_back, owner_died, give_back
 *   src/mp/scheduler/shared_state.cpp  steal
 *   src/mp/scheduler/worker_loop.cpp   Worker::run, run_job, rerun
 *   src/mp/scheduler/visits.hpp        BasicVisits::visit, is_settled
 *   src/mp/scheduler/job_slot.hpp      JobSlot::mark, report, begin_audit
 *   src/mp/scheduler/recovery.cpp      Recovery::recover_job, recover_grains, recover_rerun, rerun,
 *                                      rerun_unaccounted, may_rerun
 *   src/mp/scheduler/active_jobs.cpp   ActiveJobs::take_back
 *   src/mp/scheduler/scheduler.cpp     Scheduler::is_finished, worker_lost, cancel
 * Bridge: RangeDequeModel, VisitsModel, WorkerExits
 *
 * Left out: grains of several items, so a rerun is one item; the queue that reruns stand in, which
 * task_queue.pml has; sleeping, which event_count.pml has: here a call by the owner is never lost.
 *
 * Properties: a grain is claimed by one worker at a time; none that is finished is run again, and one
 * is run twice only after the death of a worker that held it; what is finished has a result; nothing
 * is run once the job is collected; and the job is collected: else all wait, which is an invalid end.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef GRAINS
#define GRAINS 3 /* at most 7 */
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef RETRIES
#define RETRIES 1
#endif
#ifndef TIMED
#define TIMED 1   /* 0: which item a dead worker was running is not known */
#endif
#ifndef TURNS
#define TURNS 1   /* how often a worker turns to something else while it has grains left */
#endif
#ifndef CANCELS
#define CANCELS 0 /* 1: the job may be cancelled at any time */
#endif

#define WORD(low, high) ((low) * 8 + (high))
#define LOW(word) ((word) >> 3)
#define HIGH(word) ((word) & 7)
#define EMPTY(word) (LOW(word) == HIGH(word))

/* Where a worker is: WorkerSlot::in_job */
#define OUTSIDE 0 /* or at the queue: in a visit that only `came` tells of */
#define JOB 1
/* What has become of a grain, and of its rerun */
#define OPEN 0
#define FINISHED 1
#define LOST 2
#define NONE 0
#define WAITING 1
#define OVER 2
#define RUNNING 3 /* + worker */

byte range[WORKERS], base[WORKERS], announced[WORKERS], reached[WORKERS], in_job[WORKERS];
bit looking;               /* the owner has read the visits, and will compare them */
bit came[WORKERS];         /* WorkerSlot::visits has changed since */
byte flag[GRAINS], task[GRAINS], exits[GRAINS];
byte unreported = GRAINS;
bit audit, collected, cancelled;
bit bell;                  /* the owner is to look */
bit called[WORKERS];       /* the workers are to look */
bit gone[WORKERS];         /* killed, which the kernel tells the owner */
bit unaccounted[GRAINS];
byte kills, turns;

/* For the properties alone. */
byte holder[GRAINS];       /* the worker that has claimed it, and not marked it, + 1 */
byte runs[GRAINS], excuses[GRAINS];
bit lost[GRAINS];

/* Between any two accesses. Those that nobody but the owner reads, and only after the worker's death,
 * are in one atomic step with the next one that others see, with a KILL between them. */
#ifdef VICTIM /* who may be killed; without it, anyone */
#define KILL if :: kills < KILLS && me == VICTIM -> kills++; goto killed :: 1 fi
#else
#define KILL if :: kills < KILLS -> kills++; goto killed :: 1 fi
#endif

inline run_grain(grain) {
    assert(!collected);
    assert(flag[grain] != FINISHED);
    assert(holder[grain] == me + 1);
    assert(runs[grain] <= excuses[grain]);
    runs[grain]++
}

inline mark(grain) {
    assert(!collected);
    flag[grain] = FINISHED;
    holder[grain] = 0
}

/* low == high: there was none */
inline pop() {
    atomic { KILL; seen = range[me] };
    do
    :: atomic { EMPTY(seen) -> low = 0; high = 0; seen = 0; break }
    :: atomic { !EMPTY(seen) ->
            KILL;
            base[me] = LOW(seen);
            KILL;
            if
            :: range[me] != seen -> seen = range[me]
            :: else ->
                low = LOW(seen);
                if /* how many at once */
                :: high = low + 1
                :: low + 2 <= HIGH(seen) -> high = low + 2
                fi;
                range[me] = WORD(high, HIGH(seen));
                i = low;
                do
                :: i < high ->
                    assert(holder[i] == 0 && !collected);
                    holder[i] = me + 1;
                    i++
                :: else -> break
                od;
                seen = 0;
                i = 0;
                break
            fi
        }
    od
}

/* ok: there was something */
inline steal_from(victim) {
    atomic { KILL; seen = range[victim] };
    do
    :: atomic { EMPTY(seen) -> KILL; announced[me] = 0; seen = 0; ok = 0; break }
    :: atomic { !EMPTY(seen) ->
            KILL;
            low = HIGH(seen) - (HIGH(seen) - LOW(seen) + 1) / 2;
            high = HIGH(seen);
#ifndef FAULT_NOT_ANNOUNCED
            announced[me] = WORD(low, high);
            KILL;
#endif
            if
            :: range[victim] != seen -> seen = range[victim]
            :: else -> range[victim] = WORD(LOW(seen), low); seen = 0; ok = 1; break
            fi
        }
    od;
    if
    :: atomic { ok ->
            KILL;
#ifdef FAULT_WITHDRAWN_FIRST
            announced[me] = 0;
            KILL;
#endif
            base[me] = low;
            KILL;
            range[me] = WORD(low, high);
            low = 0;
            high = 0;
            KILL;
            announced[me] = 0
        }
    :: else
    fi
}

inline report() {
    if
    :: atomic { grains > 0 -> KILL; unreported = unreported - grains; grains = 0; ok = unreported == 0 };
        if
        :: atomic { ok || audit -> KILL; bell = 1 }
        :: else
        fi
    :: else
    fi
}

inline run_job() {
    do
    :: 1 ->
        do
        :: 1 ->
            pop();
            if :: low == high -> break :: else fi;
            atomic {
                item = low;
                do
                :: item < high ->
#if TIMED
                    KILL;
                    reached[me] = item; /* TaskContext::reach */
#endif
                    KILL;
                    run_grain(item);
                    item++;
#if TIMED
                    KILL;
                    reached[me] = item
#endif
                :: else -> break
                od;
                KILL;
                reached[me] = high;
                item = low
            };
            do
            :: atomic { item < high -> KILL; mark(item); item++ }
            :: atomic { item == high -> grains = grains + high - low; low = 0; high = 0; item = 0; worked = 1; break }
            od;
            if :: audit -> report() :: else fi;
            if
            :: atomic { turns < TURNS && !EMPTY(range[me]) -> turn_over = 1; turns++; break }
            :: 1
            fi
        od;
        report();
        if :: turn_over -> break :: else fi;
        thefts = 1;
        do
        :: thefts < WORKERS ->
            steal_from((me + thefts) % WORKERS);
            if :: ok -> break :: else -> thefts++ fi
        :: else -> break
        od;
        if
        :: atomic { ok -> thefts = 0; ok = 0 }
        :: else -> break
        fi
    od
}

inline run_reruns() {
    do
    :: atomic { /* TaskStatus::try_begin */
            KILL;
            item = 0;
            do
            :: item < GRAINS && task[item] != WAITING -> item++
            :: else -> break
            od;
            if
            :: item < GRAINS ->
                task[item] = RUNNING + me;
                assert(holder[item] == 0);
                holder[item] = me + 1
            :: else -> item = 0; break
            fi
        };
        atomic { KILL; run_grain(item); KILL; mark(item) };
        atomic { KILL; task[item] = OVER; worked = 1; item = 0 };
        atomic { KILL; bell = 1 }
    od
}

/* visits_ is only ever compared with what it was when the owner began to look. */
#define COUNT_VISIT if :: looking -> came[me] = 1 :: else fi

inline enter() {
#ifdef FAULT_VISIT_COUNTED_FIRST
    atomic { KILL; COUNT_VISIT };
    atomic { KILL; in_job[me] = JOB }
#else
    atomic { KILL; in_job[me] = JOB };
    atomic { KILL; COUNT_VISIT }
#endif
}

proctype worker(byte me) {
    byte seen, low, high, i, item, grains, thefts;
    bit ok, worked, turn_over;
    do
    :: atomic { collected -> goto leaves }
    :: atomic { !collected -> called[me] = 0; worked = 0; turn_over = 0; KILL; COUNT_VISIT };
        run_reruns();
        enter();
        if :: !collected -> run_job() :: collected fi;
        atomic { KILL; in_job[me] = OUTSIDE; thefts = 0; ok = 0 };
        if :: atomic { audit -> KILL; bell = 1 } :: else fi;
        if
        :: worked
        :: atomic { !worked && (called[me] || collected) -> KILL }
        fi
    od;
killed:
    atomic { seen = 0; low = 0; high = 0; i = 0; item = 0; grains = 0; thefts = 0; ok = 0; worked = 0; turn_over = 0; gone[me] = 1 };
leaves:
    skip
}

inline all_closed() { /* flags only ever close, so one look at all is as good as one at each */
    d_step {
        i = 0;
        do
        :: i < GRAINS && flag[i] != OPEN -> i++
        :: else -> break
        od;
        closed = i == GRAINS
    }
}

inline rerun(grain, how_often) {
    if
    :: cancelled -> flag[grain] = LOST
    :: else -> task[grain] = WAITING; exits[grain] = how_often
    fi
}

inline take_back() {
    w = 0;
    do
    :: w < WORKERS ->
        atomic { /* an exchange; only the owner marks what it gets */
            seen = range[w];
            range[w] = 0;
            i = LOW(seen);
            do
            :: i < HIGH(seen) -> flag[i] = LOST; i++
            :: else -> break
            od
        };
        w++
    :: else -> break
    od;
    i = 0;
    do
    :: i < GRAINS ->
        if
        :: d_step { task[i] == WAITING -> task[i] = OVER; flag[i] = LOST }
        :: else
        fi;
        i++
    :: else -> break
    od
}

inline is_settled() {
    atomic { looking = 1; w = 0 };
    do
    :: w < WORKERS -> came[w] = 0; w++
    :: else -> break
    od;
    atomic { w = 0; settled = 1 };
    do
    :: w < WORKERS && settled ->
        if
        :: in_job[w] == JOB -> settled = 0
        :: else ->
            if :: !EMPTY(range[w]) -> settled = 0 :: else fi
        fi;
        w++
    :: else -> break
    od;
    w = 0;
#ifndef FAULT_VISITS_NOT_COUNTED
    do
    :: w < WORKERS && settled ->
        if :: came[w] -> settled = 0 :: else fi;
        w++
    :: else -> break
    od;
#endif
    atomic { w = 0; looking = 0; came[0] = 0; came[1] = 0; came[WORKERS - 1] = 0 }
}

inline is_finished() {
    closed = 0;
    if
    :: unreported == 0 -> closed = 1
    :: unreported != 0 && !audit
    :: unreported != 0 && audit ->
        if :: cancelled -> take_back() :: else fi;
        all_closed();
        if
        :: closed
        :: !closed ->
            d_step {
                i = 0;
                do
                :: i < GRAINS && !unaccounted[i] -> i++
                :: else -> break
                od
            }
            if
            :: i == GRAINS
            :: else ->
                is_settled();
                if
                :: settled ->
                    atomic {
                        i = 0;
                        do
                        :: i < GRAINS ->
                            if
                            :: unaccounted[i] && flag[i] == OPEN && task[i] != WAITING && task[i] < RUNNING ->
                                rerun(i, 0); again = 1
                            :: else
                            fi;
                            unaccounted[i] = 0;
                            i++
                        :: else -> break
                        od
                    };
                    all_closed()
                :: else
                fi
            fi
        fi
    fi
}

inline call_all() {
    atomic {
        w = 0;
        do
        :: w < WORKERS -> called[w] = 1; w++
        :: else -> break
        od;
        w = 0
    }
}

/* exits[item] may be one more: whether the item that a worker died of is run again */
inline may_rerun() {
    often++;
    ok = often <= RETRIES
}

/* The grains from .. low - 1. */
inline recover_grains(dying) {
    atomic {
        do
        :: from < low && flag[from] != OPEN -> from++
        :: else -> break
        od;
        if
        :: from < low ->
            next = reached[dying];
            if :: next < from || next > low -> next = from :: else fi;
#ifdef FAULT_REACHED_IS_FINISHED
            if :: next < low -> next++ :: else fi;
#endif
            unsure = (TIMED && next < low -> next + 1 : low);
            last = unsure;
            often = 0;
            if
            :: next + 1 == unsure ->
                may_rerun();
                if :: !ok -> lost[next] = 1; next++; often = 0 :: else fi
            :: else
            fi;
            i = from;
            do
            :: i < next -> flag[i] = FINISHED; i++
            :: else -> break
            od;
            do
            :: i < last -> rerun(i, often); i++; often = 0
            :: else -> break
            od
        :: else -> last = 255
        fi
    };
    if
    :: last != 255 ->
        seen = range[dying];
        do
        :: 1 ->
            atomic {
                if
                :: range[dying] == seen -> range[dying] = WORD(last, HIGH(seen)); ok = 1
                :: else -> seen = range[dying]; ok = 0
                fi
            };
            if :: ok -> break :: else fi
        od;
        base[dying] = last
    :: else
    fi
}

inline recover(dying) {
    atomic { in_job[dying] = OUTSIDE; audit = 1 }; /* the first is the owner's now, as is the base */
    atomic {
        was_announced = announced[dying];
        announced[dying] = 0;
        seen = range[dying];
        low = LOW(seen);
#ifdef FAULT_BASE_TRUSTED
        from = base[dying];
#else
        from = (was_announced == 0 -> base[dying] : low);
#endif
        base[dying] = low;
        i = 0; /* the properties' books */
        do
        :: i < GRAINS ->
            if :: holder[i] == dying + 1 -> holder[i] = 0; excuses[i]++ :: else fi;
            i++
        :: else -> break
        od
    };
    if
    :: seen == 0 && cancelled ->
        d_step {
            i = 0;
            do
            :: i < GRAINS -> unaccounted[i] = 1; i++
            :: else -> break
            od
        }
    :: else -> recover_grains(dying)
    fi;
    d_step {
        i = LOW(was_announced);
        do
        :: i < HIGH(was_announced) -> unaccounted[i] = 1; i++
        :: else -> break
        od;
        reached[dying] = 0
    };
    /* recover_rerun, of the one that it was running */
    d_step {
        i = 0;
        do
        :: i < GRAINS && task[i] != RUNNING + dying -> i++
        :: else -> break
        od;
        if
        :: i < GRAINS ->
            often = exits[i];
            if
#ifndef FAULT_RERUN_OF_FINISHED
            :: flag[i] != OPEN -> task[i] = OVER
            :: else ->
#else
            :: 1 ->
#endif
                may_rerun();
                if
                :: !ok -> lost[i] = 1; flag[i] = FINISHED; task[i] = OVER
                :: ok && !cancelled -> exits[i] = often; task[i] = WAITING
                :: ok && cancelled -> flag[i] = LOST; task[i] = OVER
                fi
            fi
        :: else
        fi
    }
}

inline lost_one() {
    recover(j);
    is_finished();
    again = 0;
    call_all();
    atomic {
        if
        :: !closed -> gone[j] = 0; run worker(j)
        :: else
        fi;
        j = 0; seen = 0; low = 0; from = 0; next = 0; unsure = 0; last = 0; often = 0; was_announced = 0
    }
}

active proctype owner() {
    byte w, i, j, seen, low, from, next, unsure, last, often, was_announced;
    bit ok, closed, settled, again;
    atomic {
        w = 0;
        do
        :: w < WORKERS ->
            range[w] = WORD(GRAINS * w / WORKERS, GRAINS * (w + 1) / WORKERS);
            base[w] = LOW(range[w]);
            run worker(w);
            w++
        :: else -> break
        od
    };
    do
    :: closed -> break
    :: !closed && bell ->
        bell = 0;
        is_finished();
        if :: again -> again = 0; call_all() :: else fi /* submit_requeued */
    :: atomic { !closed && gone[0] -> j = 0 }; lost_one()
    :: atomic { !closed && gone[1] -> j = 1 }; lost_one()
#if WORKERS > 2
    :: atomic { !closed && gone[2] -> j = 2 }; lost_one()
#endif
#if CANCELS
    :: !closed && !cancelled ->
        cancelled = 1;
        audit = 1;
        take_back();
        bell = 1
#endif
    od;
    atomic {
        collected = 1;
        i = 0;
        do
        :: i < GRAINS ->
            assert(flag[i] != OPEN);
            assert(flag[i] != FINISHED || runs[i] > 0 || lost[i]);
            assert(flag[i] != LOST || cancelled);
            assert(task[i] != WAITING);
            i++
        :: else -> break
        od
    }
}
