#define MPWORKSHOP_LESSON
#include "exercises/chunks/chunks.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/kit/spans.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 32;
    double seconds = 0.005;
    input::PoolChoice pool = {.traced = true};
};

struct Sample {
    int chunksize;
    double wall_s, idle;
    std::vector<kit::Span> spans; // of the workers
};

Sample sample(mp::Pool& pool, const std::vector<long>& work, int chunksize) {
    const double begin = kit::clock_s();
    in_chunks(pool, work, chunksize);
    const double wall_s = kit::clock_s() - begin;
    auto spans = kit::last_job(pool.trace());
    const double idle = kit::idle_share(spans, pool.processes(), wall_s);
    return {chunksize, wall_s, idle, std::move(spans)};
}

Value value_of(const std::vector<Sample>& samples, std::uint64_t tasks) {
    Value::List list;
    for (const Sample& each : samples) {
        const auto size = std::uint64_t(each.chunksize);
        list.push_back(Value::object({{"chunksize", size},
                                      {"chunks", (tasks + size - 1) / size},
                                      {"wall_s", each.wall_s},
                                      {"idle", each.idle}}));
    }
    return list;
}

std::string cell(const Sample& sample) {
    return fmt::format("{:>9} wall {:>4.0f} % idle",
                       text::duration(sample.wall_s), 100 * sample.idle);
}

std::string size_of(const Sample& sample) {
    return text::grouped(std::uint64_t(sample.chunksize));
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
        size_of(best), worst.wall_s / best.wall_s, size_of(worst));
}

void run(Run& run, const Options& o) {
    const int tasks = int(o.tasks);
    const unsigned workers = o.pool.workers();
    run.say(fmt::format(
        "{} of {} for {}: all alike, then with one that takes 20 times as long.\n",
        text::counted(o.tasks, "task"), text::duration(o.seconds),
        o.pool.describe()));
    run.show(
        fmt::format("  chunksize   {:<28}{}", "all alike", "one is longer"));

    const long rounds = kit::rounds_for(o.seconds, one_task);
    const std::vector<long> same(o.tasks, rounds);
    const std::vector<long> one_longer = make_work(tasks, rounds);
    TimedPool pool(run, o.pool);
    std::vector<Sample> alike, skewed;
    pool.work([&](mp::Pool& p) {
        // 1, 2, 4 and so on, and all at once.
        for (int size = 1;; size = std::min(2 * size, tasks)) {
            alike.push_back(sample(p, same, size));
            skewed.push_back(sample(p, one_longer, size));
            const std::string shown = size_of(alike.back());
            run.show(fmt::format("  {:<9} {}    {}", shown, cell(alike.back()),
                                 cell(skewed.back())));
            run.outcome.so_far = "chunksizes up to " + shown;
            if (size == tasks) return 0;
        }
    });
    pool.collect();

    const auto [best, worst] =
        std::ranges::minmax_element(skewed, {}, &Sample::wall_s);
    const auto chart = [&](const char* which, const Sample& each) {
        run.say(fmt::format("\nOne is longer, the {}: chunksize {}, {}.",
                            which, size_of(each),
                            text::duration(each.wall_s)));
        run.draw(kit::lanes_of(each.spans, workers));
    };
    if (worst != best) chart("slowest", *worst);
    chart("fastest", *best);
    run.outcome.result = Value::object({{"tasks", o.tasks},
                                        {"seconds", o.seconds},
                                        {"processes", workers},
                                        {"usable", mp::process_cpu_count()},
                                        {"alike", value_of(alike, o.tasks)},
                                        {"skewed", value_of(skewed, o.tasks)},
                                        {"skewed_best", best->chunksize},
                                        {"skewed_worst", worst->chunksize}});
    run.outcome.meaning = moral(workers, *best, *worst);
}

} // namespace

Plan plan_chunks() {
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

} // namespace exercises
