#define MPWORKSHOP_LESSON
#include "exercises/chunks/chunks.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/chunk_report.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/rounds_for.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 32;
    double seconds = 0.005;
    input::PoolChoice pool = {.traced = true};
    kit::PredictionChoice prediction = {
        .question = "With one long task, how many times as fast as the "
                    "slowest chunk size is the fastest one?"};

    std::vector<input::Option> options() {
        return {input::count("--tasks", "number of tasks", tasks,
                             {.most = 100'000, .such_as = "32"}),
                input::number("--seconds", "how long a task takes", seconds,
                              1e-6, 60, "0.01"),
                input::workers(pool)};
    }
};

kit::ChunkSample sample(mp::Pool& pool, const std::vector<long>& work,
                        int chunksize) {
    const double begin = kit::clock_s();
    in_chunks(pool, work, chunksize);
    const double wall_s = kit::clock_s() - begin;
    return kit::last_sample(pool, chunksize, wall_s);
}

void run(Run& run, const Options& o) {
    kit::ChunkReport report(run, o.tasks, o.seconds, o.pool);
    const int tasks = int(o.tasks);
    const long rounds = kit::rounds_for(o.seconds, one_task);
    const std::vector<long> alike(o.tasks, rounds);
    const std::vector<long> skewed = make_work(tasks, rounds);
    TimedPool pool(run, o.pool);
    const kit::ChunkContest contest = pool.work([&](mp::Pool& p) {
        // 1, 2, 4 and so on, and all at once.
        for (int size = 1, last = 0; last < tasks;
             size = std::min(2 * size, tasks)) {
            const kit::ChunkSample first = sample(p, alike, size);
            report.add(first, sample(p, skewed, size));
            last = size;
        }
        kit::ChunkContest repeated = report.contest();
        repeated.repeat([&](std::uint64_t size) {
            return sample(p, skewed, int(size)).wall_s;
        });
        return repeated;
    });
    pool.collect();
    report.finish(contest);
}

} // namespace

Plan plan_chunks() { return planned(run); }

} // namespace exercises
