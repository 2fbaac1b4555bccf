#pragma once

#include "mpworkshop/kit/command.hpp"

/// The lessons, one folder each: map/map.cpp is the lesson, and
/// map/command.cpp the subcommand `mpworkshop map` around it.
namespace exercises {

using mpworkshop::Command;
using mpworkshop::Plan;

extern const Command cores, threads_io, process_demo, map, starmap,
    pi_serial_exercise, pi_parallel_exercise;

/// The demonstrations. What they put into `result` of --json; seconds where a
/// name ends in _s:
///
/// - race: threads, updates, usable; unlucky_order {steps [thread, step,
///   value], expected, counted}; attempts [counted, expected, lost,
///   lost_percent]; loss_seen; careless_ns (an update, as seen by one
///   thread); cures [name: mutex, atomic, adjacent, padded; counted,
///   expected, update_ns]; false_sharing (adjacent to padded)
/// - gil: tasks, seconds, usable; threads_locked, threads_free, processes,
///   each {computing, waiting}, each {wall_s, cpu_s, cpus_busy}
/// - concurrency: tasks, seconds, usable; runs [wall_s, cpu_s, cpus_busy,
///   cpus, ran], only one if one CPU is usable; ran: for each task [[begin_s,
///   end_s], ...]
/// - chunks: tasks, seconds, processes, usable; alike, skewed [chunksize,
///   chunks, wall_s, idle, ready (0 to 1)]; skewed_best, skewed_worst
///   (chunksizes)
/// - price: seconds, processes, usable; prices, the cheapest first [name:
///   call, atomic, lock, contended_lock, map_item, pipe, task, task_asleep,
///   thread, process; median_s, least_s, most_s, samples, function_calls]
extern const Command race, gil, concurrency, chunks, price;

/// New options of each, and the functions that run them.
Plan plan_cores(), plan_threads_io(), plan_process_demo(), plan_map(),
    plan_starmap(), plan_pi_serial(), plan_pi_parallel(), plan_race(),
    plan_gil(), plan_concurrency(), plan_chunks(), plan_price();

} // namespace exercises
