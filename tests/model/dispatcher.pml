/* Dispatcher, Coordinator and LivenessPolicy of the plugin for MPI: rank 0 sends chunks, the other
 * ranks answer; a rank may die between two steps, and an interrupt reaches the ranks in any order.
 *
 * Models, each message sent or taken and each look at a connection a step:
 *   src/mp_mpi/dispatcher.cpp     Dispatcher::post, cancel, drop, dispatch, dispatch_to, give_of_job,
 *                                 take, finish_part, finished
 *   src/mp_mpi/sent_chunks.hpp    SentChunks::add, take
 *   src/mp_mpi/coordinator.cpp    Coordinator::send, pump, look, check_alive, end
 *   src/mp_mpi/lost_rank.hpp      LivenessPolicy::is_loss, is_signal_late
 *   src/mp_mpi/backend.cpp        RanksBackend::wait, check_uninterrupted, take, cancel, close_if_done,
 *                                 end, join
 *   src/mp_mpi/session.cpp        MpiSession::serve, serve_agent, part, give_up
 *   src/mp_mpi/sys/liveness.hpp   LivenessMonitor::first_ended, LivenessLink
 * Bridge: LivenessPolicy, SentChunks, Ranks
 *
 * Left out: how long chunks are; bytes; the second link, to a rank's worker processes. Messages of
 * one sender arrive in their order, as MPI promises. The two seconds of LivenessPolicy are longer
 * than a launcher takes to signal all ranks: they are over only when no signal is under way. And it
 * learns of a rank's end no sooner than rank 0's connection to that rank.
 *
 * Properties: each item has one result, or was called off, or the caller has an error: RankLost where
 * a rank died by itself, Interrupted where the user interrupted it, and neither for the other; no
 * answer is taken once the caller has its memory back; and all ranks leave: else all wait, which is
 * an invalid end.
 */
#ifndef RANKS
#define RANKS 2 /* besides rank 0 */
#endif
#ifndef ITEMS
#define ITEMS 3 /* each a chunk */
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef INTERRUPTS
#define INTERRUPTS 0 /* 1: the user may interrupt at any time; then nobody dies by itself */
#endif
#ifndef CANCELS
#define CANCELS 1
#endif

#define RUN 1
#define CLOSE 2
#define END 3

chan to_rank_0 = [4] of { byte, byte, byte };
chan to_rank_1 = [4] of { byte, byte, byte };
chan to_rank_2 = [4] of { byte, byte, byte };
chan from_rank_0 = [4] of { byte, byte, byte };
chan from_rank_1 = [4] of { byte, byte, byte };
chan from_rank_2 = [4] of { byte, byte, byte };

bit gone[RANKS];            /* the connection has ended */
bit goodbye[RANKS];         /* it named a signal before */
bit signalled[RANKS], interrupted; /* signals that have reached a rank; rank 0 */
bit signals_under_way, user;       /* a launcher is signalling; because the user asked for it */
bit rank_0_ended;
byte kills;

/* For the properties alone. */
byte runs[ITEMS], results[ITEMS];
bit called_off[ITEMS], given_back;
bit died;                   /* a rank, by itself */

#define KILL if :: kills < KILLS -> kills++; died = 1; gone[me] = 1; goto leaves :: 1 fi

/* The signal comes between any two steps: it says goodbye, and waits until rank 0 has ended. */
inline obey() {
    if
    :: atomic { signalled[me] -> goodbye[me] = 1 };
        rank_0_ended;
        goto leaves
    :: else
    fi
}

proctype rank(byte me; chan in; chan out) {
    byte kind, item, ticket;
    do
    :: atomic { nempty(in) -> KILL; in ? kind, item, ticket };
        obey();
        if
        :: kind == RUN ->
            atomic { KILL; runs[item]++; assert(runs[item] == 1) };
            obey();
            atomic { KILL; out ! RUN, item, ticket }
        :: kind == CLOSE -> atomic { KILL; out ! CLOSE, 0, 0 }
        :: kind == END -> break
        fi
    :: atomic { signalled[me] -> KILL }; obey()
    :: rank_0_ended -> break
    od;
leaves:
    atomic { kind = 0; item = 0; ticket = 0; gone[me] = 1 }
}

/* The launcher: signals every rank when the user says so, or when a rank has ended by itself. */
active proctype launcher() {
#if INTERRUPTS
    if
    :: atomic { !rank_0_ended -> user = 1; signals_under_way = 1 }
    :: atomic { died -> signals_under_way = 1 }
    :: rank_0_ended
    fi;
#else
    if
    :: atomic { died -> signals_under_way = 1 } /* some do */
    :: 1
    fi;
#endif
    if
    :: signals_under_way ->
        do
        :: !interrupted -> interrupted = 1
        :: !signalled[0] -> signalled[0] = 1
        :: !signalled[RANKS - 1] -> signalled[RANKS - 1] = 1
        :: !signalled[1] -> signalled[1] = 1
        :: interrupted && signalled[0] && signalled[1] && signalled[RANKS - 1] -> break
        od;
        signals_under_way = 0
    :: else
    fi;
end:
    skip
}

inline send(whom, kind, what) {
    if
    :: whom == 0 -> to_rank_0 ! kind, what, ticket
    :: whom == 1 -> to_rank_1 ! kind, what, ticket
#if RANKS > 2
    :: whom == 2 -> to_rank_2 ! kind, what, ticket
#endif
    fi
}

/* give_of_job: one chunk, with a ticket that is free */
inline give(whom) {
    atomic {
        ticket = 0;
        do
        :: sent_item[ticket] != 0 -> ticket++
        :: else -> break
        od;
        sent_item[ticket] = next + 1;
        load[whom]++;
        send(whom, RUN, next);
        next++;
        ticket = 0
    }
}

#define FULL(whom) (load[whom] >= 2)

/* The answer to what was sent; sends more to the same rank. */
inline take_ran(whom) {
    atomic {
        if
        :: terminated
        :: else ->
            assert(!given_back);
            item = sent_item[ticket] - 1;
            assert(item == answered);
            sent_item[ticket] = 0;
            load[whom]--;
            results[item]++;
            assert(results[item] == 1);
            done++;
            item = 0
        fi
    };
#ifndef FAULT_ONE_CHUNK_AND_NO_MORE
    do
    :: !terminated && next < ITEMS && !FULL(whom) -> give(whom)
    :: else -> break
    od;
#endif
    atomic { ticket = 0; answered = 0 }
}

inline take(whom, from) {
    atomic { nempty(from) -> from ? kind, answered, ticket };
    if
    :: kind == RUN -> take_ran(whom)
    :: kind == CLOSE -> closed[whom] = 1
    fi;
    kind = 0
}

/* first_ended: one without a goodbye before one with it */
inline look() {
    atomic {
        w = 0;
        loss = 0;
        do
        :: w < RANKS ->
            if
            :: gone[w] && !goodbye[w] -> loss = 1
#ifdef FAULT_GOODBYE_IS_A_LOSS
            :: goodbye[w] -> loss = 1
#else
            :: goodbye[w] && !interrupted && !signals_under_way -> loss = 1 /* it is overdue */
#endif
            :: else
            fi;
            w++
        :: else -> break
        od;
        w = 0;
        if :: loss -> lost = 1 :: else fi
    }
}

inline send_close() {
    if
    :: close_sent || lost -> close_sent = 1
    :: else ->
        close_sent = 1;
        w = 0;
        do
        :: w < RANKS -> send(w, CLOSE, 0); w++
        :: else -> w = 0; break
        od
    fi
}

inline finish() { terminated = 1; next = ITEMS; send_close() }

#define IDLE (done + skipped == ITEMS)
#define ALL_CLOSED (closed[0] && closed[1] && closed[RANKS - 1])

active proctype rank_0() {
    byte w, next, done, skipped, item, ticket, answered, kind, load[RANKS], sent_item[ITEMS];
    bit lost, loss, terminated, close_sent, closed[RANKS], closing, told_lost, told_interrupted;
    atomic {
        run rank(0, to_rank_0, from_rank_0);
        run rank(1, to_rank_1, from_rank_1);
        if :: RANKS > 2 -> run rank(2, to_rank_2, from_rank_2) :: else fi
    };
    /* post: each rank one, then each one more */
    do
    :: next < ITEMS && !(FULL(0) && FULL(1) && FULL(RANKS - 1)) ->
        if
        :: load[0] == 0 -> give(0)
        :: load[0] != 0 && load[1] == 0 -> give(1)
        :: load[0] != 0 && load[1] != 0 && load[RANKS - 1] == 0 -> give(RANKS - 1)
        :: load[0] == 1 && load[1] != 0 && load[RANKS - 1] != 0 -> give(0)
        :: load[0] == 2 && load[1] == 1 && load[RANKS - 1] != 0 -> give(1)
        :: else -> if :: !FULL(RANKS - 1) -> give(RANKS - 1) :: else -> break fi
        fi
    :: else -> break
    od;
    /* wait: for the job, then, in join(), until all have closed the pool */
    do
    :: interrupted -> /* check_uninterrupted */
#ifndef FAULT_NO_LOOK_AT_AN_INTERRUPT
        look();
#endif
        finish();
        if
        :: lost -> told_lost = 1
        :: else -> told_interrupted = 1
        fi;
        break
    :: lost -> finish(); told_lost = 1; break
    :: closing && ALL_CLOSED -> break
    :: !interrupted && !lost && IDLE && !closing -> closing = 1; send_close()
    :: !interrupted && !lost && nempty(from_rank_0) -> take(0, from_rank_0)
    :: !interrupted && !lost && nempty(from_rank_1) -> take(1, from_rank_1)
#if RANKS > 2
    :: !interrupted && !lost && nempty(from_rank_2) -> take(2, from_rank_2)
#endif
    :: !interrupted && !lost && (gone[0] || gone[1] || gone[RANKS - 1] || ((goodbye[0] || goodbye[1] || goodbye[RANKS - 1]) && !signals_under_way)) -> look()
#if CANCELS
    :: !interrupted && !lost && !closing && next < ITEMS && skipped == 0 ->
        atomic {
            skipped = ITEMS - next;
            do
            :: next < ITEMS -> called_off[next] = 1; next++
            :: else -> break
            od
        }
#endif
    od;
    atomic {
        if
        :: told_lost -> assert(died)
        :: told_interrupted -> assert(user || died); given_back = 1
        :: else ->
            w = 0;
            do
            :: w < ITEMS -> assert(results[w] + called_off[w] == 1); w++
            :: else -> w = 0; break
            od
        fi;
        given_back = 1;
        assert(!told_interrupted || !died || user)
    };
    /* part, or give_up and the end of the program */
    if
    :: told_lost || told_interrupted
    :: else ->
        w = 0;
        do
        :: w < RANKS -> send(w, END, 0); w++
        :: else -> w = 0; break
        od;
        atomic { gone[0] && gone[1] && gone[RANKS - 1] || interrupted } /* the barrier */
    fi;
    rank_0_ended = 1
}
