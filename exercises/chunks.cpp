// chunks: how many inputs a worker takes at once, and what that does to the
// balance.
//
// A pool hands out inputs in chunks. Small chunks keep every worker busy until
// the end, but each hand-out costs a little; one chunk of all inputs keeps one
// worker busy and lets the others wait. You will see both for work that is all
// alike and for work in which one task takes 20 times as long, and who did
// what when chunks were best and worst.
//
// In Python: pool.map(task, range(32), chunksize=4)

#include <mp/mp.hpp>

#include <ranges>
#include <vector>

#include "exercises/busy.hpp"
#include "exercises/spans.hpp"

namespace {

using exercises::Span;

struct Work {
    std::uint64_t tasks;
    std::uint64_t rounds;      // of a task
    std::uint64_t long_rounds; // of one in the first quarter
};

// Each task notes who ran it, and when: the clock is the same in all
// processes.
std::vector<Span> in_chunks(mp::Pool& pool, const Work& work,
                            std::size_t chunksize) {
    const auto task = [work](std::uint64_t i) {
        const double begin = exercises::clock_s();
        [[maybe_unused]] const volatile double number = exercises::compute(
            i == work.tasks / 4 ? work.long_rounds : work.rounds);
        return Span{mp::worker_index(), begin, exercises::clock_s()};
    };
    return pool.map(task, std::views::iota(std::uint64_t{0}, work.tasks),
                    chunksize);
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/lesson.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 32;
    double seconds = 0.005;
    input::PoolChoice pool;
};

struct Sample {
    std::uint64_t chunksize = 0;
    double wall_s = 0;
    double idle = 0;
    std::vector<Span> spans = {};
};

Sample sample(mp::Pool& pool, const Work& work, std::uint64_t chunksize) {
    const double begin = clock_s();
    Sample found{.chunksize = chunksize,
                 .spans = in_chunks(pool, work, chunksize)};
    found.wall_s = clock_s() - begin;
    found.idle = idle_share(found.spans, pool.processes(), found.wall_s);
    return found;
}

Value value_of(const std::vector<Sample>& samples) {
    Value::List list;
    for (const Sample& each : samples)
        list.push_back(Value::object(
            {{"chunksize", each.chunksize},
             {"chunks", each.spans.size() / each.chunksize +
                            (each.spans.size() % each.chunksize != 0)},
             {"wall_s", each.wall_s},
             {"idle", each.idle}}));
    return list;
}

// 1, 2, 4 and so on, and all at once.
std::vector<std::uint64_t> chunksizes_up_to(std::uint64_t tasks) {
    std::vector<std::uint64_t> sizes;
    for (std::uint64_t size = 1; size < tasks; size *= 2)
        sizes.push_back(size);
    sizes.push_back(tasks);
    return sizes;
}

std::string cell(const Sample& sample) {
    return fmt::format("{:>9} wall {:>4.0f} % idle",
                       text::duration(sample.wall_s), 100 * sample.idle);
}

std::string moral(unsigned workers, const Sample& best, const Sample& worst) {
    if (best.chunksize == worst.chunksize)
        return "One task cannot be shared out.";
    if (workers == 1)
        return "One worker does everything itself, in chunks of whatever size.";
    if (mp::process_cpu_count() == 1)
        return "With one CPU the workers take turns: balance cannot help here.";
    return fmt::format(
        "With one long task, chunksize {} was {:.1f} times as fast as {}.",
        text::grouped(best.chunksize), worst.wall_s / best.wall_s,
        text::grouped(worst.chunksize));
}

void run(Run& run, const Options& o) {
    const unsigned workers = o.pool.workers();
    run.say(fmt::format(
        "{} of {} for {}: all alike, then with one that takes 20 times as long.\n",
        text::counted(o.tasks, "task"), text::duration(o.seconds),
        o.pool.describe()));
    run.say(
        fmt::format("  chunksize   {:<28}{}", "all alike", "one is longer"));

    const std::uint64_t rounds = rounds_for(o.seconds);
    TimedPool pool(run, o.pool);
    std::vector<Sample> alike, skewed;
    pool.work([&](mp::Pool& p) {
        for (const std::uint64_t chunksize : chunksizes_up_to(o.tasks)) {
            alike.push_back(sample(p, {o.tasks, rounds, rounds}, chunksize));
            skewed.push_back(
                sample(p, {o.tasks, rounds, 20 * rounds}, chunksize));
            run.say(fmt::format("  {:<9} {}    {}", text::grouped(chunksize),
                                cell(alike.back()), cell(skewed.back())));
            run.outcome.so_far =
                "chunksizes up to " + text::grouped(chunksize);
        }
        return 0;
    });
    pool.collect();

    const auto [best, worst] =
        std::ranges::minmax_element(skewed, {}, &Sample::wall_s);
    const auto chart = [&](const char* which, const Sample& each) {
        run.say(fmt::format("\nOne is longer, the {}: chunksize {}, {}.",
                            which, text::grouped(each.chunksize),
                            text::duration(each.wall_s)));
        run.draw(lanes_of(each.spans, workers, each.chunksize));
    };
    if (worst != best) chart("slowest", *worst);
    chart("fastest", *best);
    run.outcome.result = Value::object({{"tasks", o.tasks},
                                        {"seconds", o.seconds},
                                        {"processes", workers},
                                        {"usable", mp::process_cpu_count()},
                                        {"alike", value_of(alike)},
                                        {"skewed", value_of(skewed)},
                                        {"skewed_best", best->chunksize},
                                        {"skewed_worst", worst->chunksize}});
    run.outcome.meaning = moral(workers, *best, *worst);
    run.outcome.next = "price";
}

Plan plan() {
    auto o = std::make_shared<Options>();
    input::Option processes = input::count(
        "-p,--processes", "workers (default: the CPUs you may use)",
        o->pool.processes, {.most = 1'000'000, .such_as = "4"});
    processes.value = [o] { return Value(o->pool.workers()); };
    return {
        .options = {input::count("--tasks", "how many (default: 32)", o->tasks,
                                 {.most = 100'000, .such_as = "32"}),
                    input::number("--seconds",
                                  "how long a task takes (default: 0.005)",
                                  o->seconds, 1e-6, 60, "0.01"),
                    processes},
        .run = [o](Run& each) { run(each, *o); },
    };
}

} // namespace

const Exercise chunks = {
    .kind = mpworkshop::Kind::demonstration,
    .minutes = 10,
    .name = "chunks",
    .summary =
        "how many inputs a worker takes at once: balance against hand-outs",
    .about =
        "The same tasks in chunks of 1, 2, 4 and so on up to all: the time, and the share of "
        "it that the workers were idle. Once the tasks are all alike, once one takes 20 times "
        "as long; for that a chart shows the worst and the best.",
    .example = "chunks --tasks 16 --processes 2",
    .plan = plan,
};

} // namespace exercises
