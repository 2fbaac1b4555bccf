#include "exercises/exercises.hpp"

namespace exercises {

using mpworkshop::Kind;

const Command cores = {
    .minutes = 5,
    .name = "cores",
    .summary = "how many CPUs there are, and how many are yours",
    .about =
        "A machine may have more CPUs than you may use. This counts both, and says which number to use.",
    .example = "cores --json",
    .plan = plan_cores,
};

const Command threads_io = {
    .minutes = 10,
    .name = "threads-io",
    .summary = "threads speed up waiting: a loop, then a thread for each task",
    .about =
        "While one thread waits for a disk or a server, another goes on. sleep waits for a "
        "clock; disk writes real files, has the disk confirm them and reads them back; web "
        "gets pages over HTTP from a server that this program starts on 127.0.0.1.",
    .example = "threads-io --tasks 4 --seconds 0.5 --io web",
    .plan = plan_threads_io,
};

const Command process_demo = {
    .minutes = 10,
    .name = "process-demo",
    .summary = "three processes run three functions on one list in parallel",
    .about =
        "mean, product and a random choice, each in a separate process: start returns at once, join waits.",
    .example = "process-demo --values 2,4,6",
    .plan = plan_process_demo,
};

const Command map = {
    .minutes = 10,
    .name = "map",
    .summary = "Fahrenheit to Celsius: one function over many inputs",
    .about =
        "A pool of workers converts temperatures, and the results come back in the order of "
        "the inputs. The same in a plain loop shows what a pool costs.",
    .example = "map --count 10 --processes 4",
    .plan = plan_map,
};

const Command starmap = {
    .minutes = 5,
    .name = "starmap",
    .summary = "products of pairs: a function of several arguments",
    .about =
        "Each input is a tuple, which starmap unpacks into the function's arguments.",
    .example = "starmap 2,3 4,5",
    .plan = plan_starmap,
};

const Command pi_serial_exercise = {
    .minutes = 5,
    .name = "pi-serial",
    .summary = "pi as a sum of many steps, by one process",
    .about =
        "x = (i + 0.5) / n, pi = sum of 4 / (1 + x*x) / n. More steps are more accurate and take longer.",
    .example = "pi-serial 1e3 1e5 1e7 1e9",
    .plan = plan_pi_serial,
};

const Command pi_parallel_exercise = {
    .minutes = 15,
    .name = "pi-parallel",
    .summary = "the same sum, distributed over the workers of a pool",
    .about =
        "Every worker sums its own share of the steps: cyclic takes rank, rank + P, rank + 2P "
        "and so on; blocks takes one contiguous piece each. The partial sums are added in "
        "rank order.",
    .example = "pi-parallel 1e9 --processes 2",
    .plan = plan_pi_parallel,
};

const Command race = {
    .kind = Kind::demonstration,
    .minutes = 10,
    .name = "race",
    .summary = "threads lose updates of a shared count; three cures",
    .about =
        "Two threads read a count, add one and write it back. If both read before either writes, an update is lost: shown step by step, then in numbers. A mutex, an atomic addition and one counter for each thread prevent this, each at a price.",
    .example = "race --threads 2 --updates 1e7",
    .plan = plan_race,
};

const Command gil = {
    .kind = Kind::demonstration,
    .minutes = 5,
    .name = "gil",
    .summary = "one lock: threads wait together, but compute one at a time",
    .about =
        "The same tasks compute, then wait: in threads under one lock, as in Python, in "
        "threads without it, and in processes that have a lock each. The table shows the time "
        "and how many CPUs were busy.",
    .example = "gil --processes 4 --seconds 0.5",
    .plan = plan_gil,
};

const Command concurrency = {
    .kind = Kind::demonstration,
    .minutes = 5,
    .name = "concurrency",
    .summary = "the same tasks on one CPU and on two: interleaved or parallel",
    .about =
        "Tasks compute on one CPU, then on two, and note when they really ran. One chart shows "
        "both: interleaved, then overlapping; the same CPU time, half the wall time.",
    .example = "concurrency --tasks 3 --seconds 0.1",
    .plan = plan_concurrency,
};

const Command chunks = {
    .kind = Kind::demonstration,
    .minutes = 10,
    .name = "chunks",
    .summary = "chunk size: load balance against overhead",
    .about =
        "The same tasks in chunks of 1, 2, 4 and so on up to all: the time, and the share of it that the workers were idle. First all tasks are alike, then one takes 20 times as long; a chart shows the worst and the best size for that.",
    .example = "chunks --tasks 16 --processes 2",
    .plan = plan_chunks,
};

const Command price = {
    .kind = Kind::demonstration,
    .minutes = 5,
    .name = "price",
    .summary = "what a call, a lock, a thread, a process and a task cost here",
    .about =
        "The cost of ten operations in parallel programs, measured now: the median, the spread, and how many function calls take as long. This shows how large a chunk must be, and why you keep a pool.",
    .example = "price --seconds 0.2",
    .plan = plan_price,
};

} // namespace exercises
