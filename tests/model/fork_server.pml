/* ForkServer and ProcessesBackend: workers are cloned by the fork server, replaced, stopped and
 * reaped. A worker, the fork server or the owner may be killed between two steps.
 *
 * Models, each system call and each access to shared memory a step:
 *   src/mp/backends/fork_server.cpp          ForkServer::run, fulfill, make, answer, kill_all,
 *                                            leave_unheard; run_worker_process
 *   src/mp/backends/fork_server_process.cpp  ForkServerProcess::receive, request, stop, join
 *   src/mp/backends/processes.cpp            ProcessesBackend::look_at_workers, receive_reply, adopt,
 *                                            adopt_unreported, meet, replace, terminate, join,
 *                                            nobody_works
 *   src/mp/os/child_linux.cpp                clone_sibling, die_with_parent
 * Bridge: Processes, CallingOffProcesses
 *
 * MAIN: the pool was made by its program's main thread, so that the kernel kills workers with their
 * owner. Without it only the fork server does so; then this model does not kill the fork server, and
 * has no workers that would not leave.
 *
 * Left out: a kernel that refuses; what is done with the work, which range_deque.pml has.
 *
 * Properties: there is never more than one worker at a place; when the owner has ended its pool, all
 * workers are gone and reaped, and so is the fork server; when it was killed, all end; a start that
 * fails is tried RESTARTS times and no more.
 */
#ifndef PLACES
#define PLACES 2
#endif
#ifndef RESTARTS
#define RESTARTS 1 /* failed_starts_allowed */
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef MAIN
#define MAIN 1
#endif
#define PIDS (PLACES + KILLS + 1) /* 0: none */

#define MAKE 1
#define LEAVE 2

chan request = [PLACES + 2] of { byte, byte }; /* one channel, and its two ends */
chan reply = [PIDS] of { byte, byte };
bit owner_end, server_end;       /* open */
bit owner_alive, server_alive, server_reaped, server_doomed;
byte pids;
bit alive[PIDS], reaped[PIDS], doomed[PIDS]; /* doomed: a SIGKILL is under way */
byte unreported[PLACES];         /* WorkerSlot::unreported_pid */
bit ready[PLACES], closed;
byte kills;

#define KILL_WORKER if :: kills < KILLS -> kills++; goto dies :: 1 fi
#define KILL_OWNER if :: kills < KILLS -> kills++; goto killed :: 1 fi
#if MAIN
#define KILL_SERVER if :: server_doomed -> goto killed :: !server_doomed && kills < KILLS -> kills++; goto killed :: !server_doomed fi
#else
#define KILL_SERVER if :: server_doomed -> goto killed :: else fi
#endif
#define ORPHAN (MAIN && !owner_alive)

proctype worker(byte me; byte place) {
    if
    :: atomic { doomed[me] || ORPHAN -> goto dies }
    :: atomic { KILL_WORKER; ready[place] = 1 }
    fi;
#if MAIN
    if
    :: 1
    :: (doomed[me] || ORPHAN) -> goto dies /* runs an item that never ends */
    fi;
#endif
    if
    :: atomic { doomed[me] || ORPHAN -> goto dies }
    :: atomic { closed -> KILL_WORKER }
    :: atomic { kills < KILLS -> kills++ }
    fi;
dies:
    alive[me] = 0
}

inline kill(who) { if :: who != 0 -> doomed[who] = 1 :: else fi } /* by a pidfd, which never is another's */

inline kill_all() {
    i = 0;
    do
    :: i < PLACES -> atomic { kill(children[i]); i++ }
    :: else -> break
    od
}

/* ok: the owner was told */
inline make(place) {
    atomic { /* clone_sibling: the kernel writes the pid before the copy runs */
        KILL_SERVER;
#ifndef FAULT_KEPT_TO_ITSELF
        unreported[place] = pids + 1;
#endif
        pids++;
        assert(pids < PIDS);
        alive[pids] = 1;
        children[place] = pids;
        run worker(pids, place)
    };
    atomic { KILL_SERVER; ok = owner_end; if :: ok -> reply ! place, children[place] :: else fi }
}

proctype fork_server() {
    byte i, wish, place, children[PLACES];
    bit ok = 1;
    do
    :: place < PLACES && ok -> make(place); place++
    :: else -> place = 0; break
    od;
    do
    :: server_doomed -> break
    :: !ok ->
#ifndef FAULT_LEAVES_WHEN_IT_CANNOT_ANSWER
        kill_all();
#endif
        break
    :: atomic { ok && !owner_alive -> KILL_SERVER; kill_all(); break }
    :: atomic { ok && nempty(request) -> KILL_SERVER; request ? wish, place };
        if
        :: wish == MAKE -> make(place); wish = 0; place = 0
        :: wish == LEAVE -> break
        fi
    :: atomic { ok && empty(request) && !owner_end -> KILL_SERVER; kill_all(); break }
    od;
killed:
    atomic { server_alive = 0; server_end = 0 }
}

/* adopt(): takes over what has not been reported */
inline adopt(place) {
    atomic {
        if
        :: unreported[place] != 0 && known[place] == 0 ->
            expected[place] = unreported[place];
            known[place] = unreported[place];
            unreported[place] = 0
        :: else
        fi
    }
}

inline meet(place, who) {
    if
    :: expected[place] == who -> expected[place] = 0
    :: else ->
        if
        :: known[place] == 0 -> known[place] = who; unreported[place] = 0
        :: else
        fi
    fi
}

inline adopt_all() {
    i = 0;
    do
    :: i < PLACES -> atomic { KILL_OWNER; adopt(i); i++ }
    :: else -> break
    od;
    i = 0
}

inline join_fork_server() {
    atomic { KILL_OWNER; if :: server_end && !stopped -> request ! LEAVE, 0; stopped = 1 :: else fi };
    do
    :: atomic { nempty(reply) -> KILL_OWNER; reply ? place, who; meet(place, who); place = 0; who = 0 }
    :: atomic { empty(reply) && !server_end -> break }
    :: break /* it takes too long, as if it were stopped */
    od;
    atomic { KILL_OWNER; owner_end = 0 };
    atomic { KILL_OWNER; if :: server_alive -> server_doomed = 1 :: else fi }; /* SIGKILL */
    atomic { !server_alive -> KILL_OWNER; server_reaped = 1 };
#ifndef FAULT_UNREPORTED_FORGOTTEN
    adopt_all()
#endif
}

inline lost_one(place) { /* worker_exited, replace */
    atomic {
        KILL_OWNER;
        reaped[known[place]] = 1;
        known[place] = 0
    };
    if
    :: leaving -> left++
    :: else ->
        if
        :: atomic { ready[place] -> failed = 0; ready[place] = 0 }
        :: else -> failed++
        fi;
        if
        :: failed > RESTARTS -> broken = 1
        :: else ->
            starts++;
            atomic {
                KILL_OWNER;
                if
                :: server_end -> request ! MAKE, place
                :: else -> broken = 1
                fi
            }
        fi
    fi
}

active proctype owner() {
    byte i, place, who, left, failed, starts, known[PLACES], expected[PLACES];
    bit leaving, broken, stopped, heard_end;
    atomic { owner_alive = 1; server_alive = 1; owner_end = 1; server_end = 1; run fork_server() };
    do
    :: broken -> break
    :: left == PLACES -> break
    :: atomic { !broken && nempty(reply) -> KILL_OWNER; reply ? place, who; meet(place, who); place = 0; who = 0 }
    :: atomic { !broken && !heard_end && empty(reply) && !server_end -> heard_end = 1 };
        if
        :: !leaving ->
            adopt_all();
            atomic {
                i = 0;
                do
                :: i < PLACES -> expected[i] = 0; if :: known[i] == 0 -> broken = 1 :: else fi; i++
                :: else -> i = 0; break
                od
            }
        :: leaving -> adopt_all()
        fi
    :: atomic { !broken && known[0] != 0 && !alive[known[0]] -> KILL_OWNER }; lost_one(0)
#if PLACES > 1
    :: atomic { !broken && known[1] != 0 && !alive[known[1]] -> KILL_OWNER }; lost_one(1)
#endif
    :: atomic { !leaving && !broken && known[0] != 0 && known[PLACES - 1] != 0 -> KILL_OWNER; leaving = 1; closed = 1 }
    :: atomic { !leaving && !broken -> KILL_OWNER; broken = 1 } /* terminate(), at any time */
    od;
    /* terminate, or join */
    leaving = 1;
    adopt_all();
    closed = 1;
    join_fork_server();
    i = 0;
    do
    :: i < PLACES ->
        atomic { KILL_OWNER; kill(known[i]) };
        if
        :: known[i] != 0 -> atomic { !alive[known[i]] -> KILL_OWNER; reaped[known[i]] = 1; known[i] = 0 }
        :: else
        fi;
        i++
    :: else -> break
    od;
    atomic {
        i = 1;
        do
        :: i <= pids -> assert(!alive[i] && reaped[i]); i++
        :: else -> break
        od;
        assert(!server_alive && server_reaped)
    };
killed:
    atomic { owner_alive = 0; owner_end = 0 }
}
