/* JobSlot, WorkerSlot and ActiveJobs: one slot is published, worked on, collected and used again, while
 * workers come and go; a worker may be killed between two steps; another thread asks, unlocked,
 * whether its job is done.
 *
 * Models, each atomic access a step:
 *   src/mp/scheduler/active_jobs.cpp  ActiveJobs::find_free, publish, is_done, all_closed, retire
 *   src/mp/scheduler/job_slot.hpp     JobSlot::publish, withdraw, id, report, mark, all_reported
 *   src/mp/scheduler/job_slot.cpp     JobSlot::fill
 *   src/mp/scheduler/visits.hpp       BasicVisits::visit, in_job
 *   src/mp/scheduler/worker_loop.cpp  Worker::run_jobs, run_job
 *   src/mp/scheduler/shared_state.hpp SharedState::activate, deactivate
 *   src/mp/scheduler/scheduler.cpp    Scheduler::post, is_finished, worker_lost
 * Bridge: VisitsModel, Protocol
 *
 * Left out: who holds which grain, which range_deque.pml has: here grains are a number, and what a
 * dead worker had claimed is lost.
 *
 * Properties: a worker in a job finds all of that job and of no other; the slot is filled while no
 * worker is in it; nobody is told that a job is done before it is; all jobs are collected and all
 * leave: else all wait, which is an invalid end.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef JOBS
#define JOBS 2 /* one after the other in one slot */
#endif
#ifndef GRAINS
#define GRAINS 2 /* of each */
#endif
#ifndef KILLS
#define KILLS 1
#endif

byte id;                    /* JobSlot::id_; 0: none */
byte job, left, unreported, closed;     /* what fill() writes; grains that nobody has claimed; that have a flag */
bit audit, activated;
byte in_job[WORKERS];
bit gone[WORKERS], called[WORKERS], bell, ended;
byte asked;                 /* the latest job that has been posted */
byte kills;

/* For the properties alone. */
byte inside;                /* bits of workers that use what is in the slot */
bit filling;
byte has[WORKERS];          /* claimed, and not marked */
byte over;                  /* jobs 1 .. over have all their grains closed */

#ifdef VICTIM /* who may be killed; without it, anyone */
#define KILL if :: kills < KILLS && me == VICTIM -> kills++; goto killed :: 1 fi
#else
#define KILL if :: kills < KILLS -> kills++; goto killed :: 1 fi
#endif
#define USE assert(!filling && job == mine)

inline run_job() {
    atomic { USE; inside = inside | (1 << me) };
    do
    :: atomic { left > 0 -> KILL; USE; left--; has[me] = 1 };
        atomic { KILL; USE; closed++; has[me] = 0; if :: closed == GRAINS -> over = mine :: else fi };
        atomic { KILL; USE; unreported--; ok = unreported == 0 };
        if
        :: atomic { ok || audit -> KILL; bell = 1; ok = 0 }
        :: else
        fi
    :: atomic { left == 0 -> KILL; break }
    od;
    atomic { USE; inside = inside & ~(1 << me) }
}

proctype worker(byte me) {
    byte mine;
    bit ok;
    do
    :: atomic { ended -> goto leaves }
    :: atomic { !ended -> called[me] = 0; KILL };
        if
        :: atomic { activated -> KILL };
            atomic { KILL; mine = id };
            if
            :: mine == 0
            :: else ->
#ifdef FAULT_LOOKS_BEFORE_IT_SAYS_SO
                atomic { KILL; ok = id == mine };
                atomic { KILL; in_job[me] = mine };
#else
                atomic { KILL; in_job[me] = mine };
                atomic { KILL; ok = id == mine };
#endif
                if :: atomic { ok -> ok = 0 }; run_job() :: else fi;
                atomic { KILL; in_job[me] = 0; ok = 0 };
                if :: atomic { audit -> KILL; bell = 1 } :: atomic { !audit -> KILL } fi
            fi;
            mine = 0
        :: atomic { !activated -> KILL }
        fi;
        atomic { called[me] || ended -> KILL }
    od;
killed:
    atomic { mine = 0; ok = 0; gone[me] = 1 };
leaves:
    skip
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

inline recover(dying) {
    atomic { in_job[dying] = 0; inside = inside & ~(1 << dying) };
    if
    :: number != 0 -> /* of the job that is under way */
#ifndef FAULT_NO_AUDIT
        audit = 1;
#endif
        atomic { if :: has[dying] -> has[dying] = 0; closed++ :: else fi; if :: closed == GRAINS -> over = number :: else fi }
    :: else -> has[dying] = 0
    fi;
    bell = 1;
    call_all();
    atomic { gone[dying] = 0; if :: !ended -> run worker(dying) :: else fi }
}

active proctype owner() {
    byte number, last, published, w;
    bit free, done;
    atomic { run worker(0); run worker(1); if :: WORKERS > 2 -> run worker(2) :: else fi };
    do
    :: number == 0 && published == JOBS -> break
    :: number == 0 && published < JOBS ->
        /* find_free */
        atomic { free = 1; w = 0 };
#ifndef FAULT_NOBODY_LOOKED_FOR
        do
        :: w < WORKERS && free && last != 0 -> if :: in_job[w] == last -> free = 0 :: else fi; w++
        :: else -> break
        od;
#endif
        w = 0;
        if
        :: !free -> /* wait_for_room looks again in a millisecond */
            if
            :: gone[0] -> recover(0)
            :: gone[1] -> recover(1)
#if WORKERS > 2
            :: gone[2] -> recover(2)
#endif
            :: in_job[0] != last && in_job[1] != last && in_job[WORKERS - 1] != last
            fi
        :: else ->
            published++;
#ifdef FAULT_PUBLISHED_BEFORE_FILLED
            id = published;
#endif
            atomic { assert(inside == 0); filling = 1; job = published; closed = 0; audit = 0 };
            unreported = GRAINS;
            atomic { left = GRAINS; filling = 0 }; /* RangeDeque::push */
            atomic { number = published; last = published };
            id = published;
            asked = published;
            activated = 1;
            call_all()
        fi
    :: atomic { number != 0 && bell -> bell = 0 };
        done = 0;
        if
        :: unreported == 0 -> done = 1
        :: else -> if :: audit -> done = closed == GRAINS :: else fi
        fi;
        if
        :: done ->
            assert(over >= number);
            activated = 0; /* retire */
            id = 0;
            number = 0
        :: else
        fi
    :: gone[0] -> recover(0)
    :: gone[1] -> recover(1)
#if WORKERS > 2
    :: gone[2] -> recover(2)
#endif
    od;
    ended = 1
}

/* Another thread of the owner's: ActiveJobs::is_done of the latest job, without the lock. */
active proctype asker() {
    byte mine;
    bit done;
end:
    do
    :: atomic { asked != mine -> mine = asked };
        done = id != mine;
        if
        :: done
        :: else ->
            done = unreported == 0;
            if :: done :: else -> done = id != mine fi
        fi;
        assert(!done || over >= mine);
        done = 0
    od
}
