/* EventCount and OwnerEvent: idle workers and the owner sleep and are woken; a worker may be killed
 * between two steps, also while it sleeps or spins.
 *
 * Models, each atomic access and each futex call a step:
 *   src/mp/scheduler/event_count.hpp  BasicEventCount::key, spin, wait, prepare_wait, commit_wait,
 *                                     cancel_wait, poll, notify, call_spinners, notify_one,
 *                                     must_notify_one, has_poller, notify_all, waiter_died;
 *                                     BasicOwnerEvent::prepare_wait, cancel_wait, must_notify
 *   src/mp/scheduler/notifier.hpp     Notifier::notify_task, without its clock: a poller is trusted
 *   src/mp/scheduler/worker_loop.cpp  Worker::run, wait_for_work, notify_another
 *   src/mp/scheduler/owner_wait.cpp   OwnerWait::wait
 *   src/mp/scheduler/scheduler.cpp    Scheduler::worker_lost
 * Bridge: EventCountModel
 *
 * The work is a number, of which each worker takes one at a time. A worker that has taken something
 * is done with it only when nothing is left: so each must be taken by another worker, awake at the
 * same time, which a wake-up too few would not give.
 *
 * Properties: all work is taken, the owner hears of it, and everyone leaves: else all wait, which is
 * an invalid end.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef WORK
#define WORK 2 /* pieces, at most as many as workers */
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef AT_ONCE
#define AT_ONCE 0 /* 1: as a job does it, by one notify(WORK); 0: as tasks do it, one by one */
#endif

byte epoch, waiters, spinners, pollers; /* the latter two a bit for each worker */
bit waiting[WORKERS];                   /* Waiter::waiting_ */
bit asleep[WORKERS];                    /* the kernel's queue of the futex */
bit gone[WORKERS], closed;
bit has[WORKERS];                       /* it has taken a piece, and not finished it */
byte left, finished;
bit owner_waiting, event;               /* OwnerEvent, and the descriptor that the owner sleeps on */
byte kills;

#define BIT (1 << me)
#ifdef VICTIM /* who may be killed; without it, anyone */
#define KILL if :: kills < KILLS && me == VICTIM -> kills++; goto killed :: 1 fi
#else
#define KILL if :: kills < KILLS -> kills++; goto killed :: 1 fi
#endif
#define LOOK_OVER (epoch != key || left > 0)

/* Wakes `count` sleepers, whichever. */
inline wake(count) {
    atomic {
        woken = 0;
        do
        :: woken == count -> break
        :: woken < count && asleep[0] -> asleep[0] = 0; woken++
        :: woken < count && asleep[1] -> asleep[1] = 0; woken++
#if WORKERS > 2
        :: woken < count && asleep[2] -> asleep[2] = 0; woken++
#endif
        :: woken < count && !asleep[0] && !asleep[1] && !asleep[WORKERS - 1] -> break
        od;
        woken = 0
    }
}

/* Takes the bits of at most `count` spinners; `count` is less by as many. */
inline call_spinners() {
    seen = spinners;
    bits = 0;
    do
    :: bits < WORKERS && to_wake > 0 ->
        if
        :: seen & (1 << bits) ->
            atomic {
                if
                :: spinners & (1 << bits) -> spinners = spinners & ~(1 << bits); to_wake--
                :: else
                fi
            }
        :: else
        fi;
        bits++
    :: else -> break
    od;
    atomic { seen = 0; bits = 0 }
}

inline notify(count) {
#ifdef FAULT_WAKE_BEFORE_EPOCH
    if
    :: waiters == 0 -> epoch++
    :: else -> to_wake = count; call_spinners(); wake(to_wake); epoch++
    fi;
#else
    epoch++;
    if
    :: waiters == 0
    :: else -> to_wake = count; call_spinners(); wake(to_wake)
    fi;
#endif
    to_wake = 0
}

/* ok: it has taken one */
inline take_one() {
    atomic { KILL; if :: left > 0 -> left--; has[me] = 1; ok = 1 :: else -> ok = 0 fi }
}

inline wait_for_work() {
    do
    :: atomic { LOOK_OVER -> KILL; break }
    :: atomic { !LOOK_OVER -> KILL };
        if /* spin, where there is a CPU for it */
        :: atomic { KILL; spinners = spinners | BIT };
            if
            :: atomic { LOOK_OVER -> KILL; ok = 1 }
            :: atomic { KILL; ok = 0 } /* long enough */
            fi;
            atomic { KILL; spinners = spinners & ~BIT }
        :: ok = 0
        fi;
        if :: ok -> break :: else fi;
        /* prepare_wait */
#ifdef FAULT_COUNTED_AFTER_IT_SAYS_SO
        atomic { KILL; waiting[me] = 1 };
        atomic { KILL; waiters++ };
#else
        atomic { KILL; waiters++; KILL; waiting[me] = 1 };
#endif
        /* poll, once */
        atomic { KILL; pollers = pollers | BIT };
        if :: atomic { LOOK_OVER -> KILL } :: atomic { !LOOK_OVER -> KILL } fi;
        atomic { KILL; pollers = pollers & ~BIT };
        do
#ifdef FAULT_SLEEPS_WITHOUT_A_LOOK
        :: 1 ->
            atomic { KILL; asleep[me] = 1 };
            atomic { !asleep[me] -> KILL };
            if :: LOOK_OVER -> break :: else fi
#else
        :: atomic { LOOK_OVER -> KILL; break }
        :: atomic { !LOOK_OVER -> KILL };
            /* commit_wait: the kernel sleeps only if the word is the key */
            atomic { KILL; if :: epoch == key -> asleep[me] = 1 :: else fi };
            atomic { !asleep[me] -> KILL }
#endif
        od;
        /* cancel_wait */
        atomic { KILL; waiting[me] = 0; KILL; waiters-- };
        break
    od;
    ok = 0
}

/* More can be had: wakes another that sleeps. */
inline notify_another() {
    if
    :: atomic { waiters != 0 -> KILL };
        if
        :: atomic { pollers == 0 -> KILL };
            if
            :: atomic { left > 0 -> KILL };
                atomic { KILL; epoch++ };
                atomic { KILL; wake(1) }
            :: left == 0
            fi
        :: pollers != 0
        fi
    :: waiters == 0
    fi
}

proctype worker(byte me) {
    byte key, woken;
    bit ok;
    do
    :: atomic { KILL; key = epoch };
        take_one();
        if
        :: ok ->
#ifndef FAULT_NO_OTHER_IS_WOKEN
            notify_another();
#endif
            atomic { left == 0 -> KILL };
            atomic { KILL; finished++; has[me] = 0; ok = 0 };
            if /* must_notify */
            :: atomic { owner_waiting -> owner_waiting = 0; KILL; event = 1 }
            :: atomic { !owner_waiting -> KILL }
            fi
        :: else ->
            if
            :: atomic { closed && epoch == key && left == 0 -> break }
            :: else -> wait_for_work()
            fi
        fi
    od;
    goto leaves;
killed:
    atomic { asleep[me] = 0; key = 0; ok = 0; woken = 0; gone[me] = 1 };
leaves:
    skip
}

/* What it had taken and not finished is there again; another takes its place. */
inline recover(dying) {
    atomic { if :: waiting[dying] -> waiting[dying] = 0; ok = 1 :: else -> ok = 0 fi };
    if :: ok -> waiters--; ok = 0 :: else fi;
    spinners = spinners & ~(1 << dying);
    pollers = pollers & ~(1 << dying);
    atomic { if :: has[dying] -> has[dying] = 0; left++ :: else fi };
    notify(WORKERS);
    atomic { gone[dying] = 0; run worker(dying) }
}

inline submit() { /* and Notifier::notify_task */
    left++;
    if
    :: waiters == 0
    :: else ->
        if
        :: pollers != 0 ->
            if :: waiters < WORKERS :: else -> notify(1) fi
        :: else -> notify(1)
        fi
    fi
}

active proctype owner() {
    byte to_wake, seen, bits, woken, submitted;
    bit ok;
    atomic { run worker(0); run worker(1); if :: WORKERS > 2 -> run worker(2) :: else fi };
#if AT_ONCE
    left = WORK;
    notify(WORK);
#else
    do
    :: submitted < WORK -> submit(); submitted++
    :: submitted == WORK -> break
    :: gone[0] -> recover(0)
    :: gone[1] -> recover(1)
    od;
#endif
    do
    :: finished == WORK -> break
    :: else ->
#ifdef FAULT_OWNER_LOOKS_FIRST
        ok = finished == WORK;
        owner_waiting = 1;
        if
        :: ok
#else
        owner_waiting = 1;
        if
        :: finished == WORK
#endif
        :: else ->
            if
            :: atomic { event -> event = 0 }
            :: gone[0] -> recover(0)
            :: gone[1] -> recover(1)
#if WORKERS > 2
            :: gone[2] -> recover(2)
#endif
            fi
        fi;
        owner_waiting = 0
    od;
    closed = 1;
    epoch++;
    wake(WORKERS);
end:
    do
    :: gone[0] -> recover(0)
    :: gone[1] -> recover(1)
#if WORKERS > 2
    :: gone[2] -> recover(2)
#endif
    od
}
