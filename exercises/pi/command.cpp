#define MPWORKSHOP_LESSON
#include "exercises/pi/pi_parallel.cpp"
#include "exercises/pi/pi_serial.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/pi.hpp"
#include "mpworkshop/kit/watched.hpp"

namespace exercises {
namespace {

using Counter = std::atomic<std::uint64_t>;

void print(double pi, double error) {
    fmt::print("pi    {:.15f}\nerror {:.1e}\n", pi, error);
}

struct Serial {
    std::vector<std::uint64_t> steps = {1'000'000'000};
};

struct Estimate {
    std::uint64_t steps;
    double pi, error, seconds;
};

Estimate estimate(Run& run, std::uint64_t steps) {
    Counter done = 0;
    const auto begin = std::chrono::steady_clock::now();
    const double pi = kit::watched(run, steps, &done, [&] {
        return kit::pi_serial(steps, {.done = &done, .stop = mp::interrupted});
    });
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - begin;
    return {steps, pi, std::abs(pi - std::numbers::pi), time.count()};
}

void sum_all(Run& run, const Serial& o) {
    Value::List runs;
    for (const std::uint64_t steps : o.steps) {
        const Estimate each = estimate(run, steps);
        if (o.steps.size() > 1)
            run.show(fmt::format("{:>10}  {:.15f}  {:7.1e}  {:>9}",
                                 text::compact(steps), each.pi, each.error,
                                 text::duration(each.seconds)));
        else
            print(each.pi, each.error);
        runs.push_back(Value::object({{"steps", steps},
                                      {"pi", each.pi},
                                      {"error", each.error},
                                      {"wall_s", each.seconds}}));
        run.outcome.so_far = fmt::format("{} of {} done", runs.size(),
                                         text::counted(o.steps.size(), "sum"));
        // With several STEPS these are those of the last; `runs` has all.
        run.outcome.result = Value::object({{"steps", steps},
                                            {"pi", each.pi},
                                            {"error", each.error},
                                            {"runs", runs}});
    }
}

void run_serial(Run& run, const Serial& o) {
    const bool table = o.steps.size() > 1;
    if (table)
        run.show(fmt::format("{:>10}  {:<17}  {:>7}  {:>9}", "steps", "pi",
                             "error", "time"));
    else
        run.say(fmt::format("{} by one process.",
                            text::counted(o.steps.front(), "step")));
    run.timed("work", [&] { sum_all(run, o); });
    run.outcome.meaning =
        table ? "More steps: nearer, but longer." : "One process, so one CPU.";
}

struct Parallel {
    std::uint64_t steps = 1'000'000'000;
    std::string split = "cyclic";
    input::PoolChoice pool;
};

// The partial sums; no more lines than fit on a screen.
void show(const Run& run, const std::vector<kit::Sum>& partials,
          std::uint64_t steps, kit::Split split) {
    const std::size_t shown = std::min<std::size_t>(partials.size(), 16);
    for (std::size_t rank = 0; rank < shown; ++rank) {
        const auto share = kit::share_of(split, rank, partials.size(), steps);
        run.say(fmt::format("  rank {:<3} {:<22} partial sum {:.15f}", rank,
                            text::counted(share.count, "step"),
                            partials[rank].value()));
    }
    if (partials.size() > shown)
        run.say(fmt::format("  and {} more", partials.size() - shown));
}

// The shares are the lesson's: (rank, workers, steps).
std::vector<kit::Sum> fast_partial_sums(mp::Pool& pool, const Parallel& o,
                                        kit::PiOptions options) {
    std::vector<std::tuple<unsigned, unsigned, std::uint64_t>> shares;
    for (unsigned rank = 0; rank < pool.processes(); ++rank)
        shares.emplace_back(rank, pool.processes(), o.steps);
    return pool.starmap(
        [options](unsigned rank, unsigned workers, std::uint64_t steps) {
            return kit::partial_pi(rank, workers, steps, options);
        },
        shares, o.pool.chunksize);
}

void run_parallel(Run& run, const Parallel& o) {
    const std::uint64_t workers = o.pool.workers();
    const bool blocks = o.split == "blocks";
    const kit::Split split = blocks ? kit::Split::blocks : kit::Split::cyclic;
    run.say(fmt::format(
        "{} for {}: {}.", text::counted(o.steps, "step"), o.pool.describe(),
        blocks ? "each takes one contiguous block"
               : fmt::format("each takes rank, rank + {}, rank + {} and so on",
                             workers, 2 * workers)));

    // The workers count here, for the bar; other ranks do not see it.
    const mp::SharedValue<Counter> counter;
    auto* const done = o.pool.over_ranks() ? nullptr : &*counter;
    TimedPool pool(run, o.pool);
    const auto partials = kit::watched(run, o.steps, done, [&] {
        return pool.work([&](mp::Pool& p) {
            return fast_partial_sums(p, o, {split, done, mp::interrupted});
        });
    });
    // In rank order.
    const double pi = pool.collect([&] { return kit::pi_from(partials); });

    const double error = std::abs(pi - std::numbers::pi);
    show(run, partials, o.steps, split);
    print(pi, error);
    run.outcome.result =
        Value::object({{"steps", o.steps}, {"pi", pi}, {"error", error}});
    const mpworkshop::Timing work = run.timing("work");
    run.outcome.meaning =
        work.wall_s < run.timing("start").wall_s
            ? "Starting the workers took longer than the sum: give more steps."
            : fmt::format("The workers kept {:.2f} CPUs busy.",
                          work.cpu_s / work.wall_s);
}

} // namespace

Plan plan_pi_serial() {
    auto o = std::make_shared<Serial>();
    return {
        .options = {input::counts(
            "STEPS", "how many strips; several make a table (default: 1e9)",
            o->steps, {.such_as = "1e9"})},
        .run = [o](Run& each) { run_serial(each, *o); },
    };
}

Plan plan_pi_parallel() {
    auto o = std::make_shared<Parallel>();
    return {
        .options = input::with_pool(
            {input::count("STEPS", "how many strips (default: 1e9)", o->steps,
                          {.such_as = "1e9"}),
             input::choice(
                 "--split",
                 "who takes which: cyclic or blocks (default: cyclic)",
                 o->split, {"cyclic", "blocks"})},
            o->pool),
        .run = [o](Run& each) { run_parallel(each, *o); },
        .pool = &o->pool,
    };
}

} // namespace exercises
