// pi-parallel: the sum of pi-serial, shared out to a pool of workers.
//
// Worker `rank` of P adds every P-th step, from `rank` on: rank, rank + P,
// rank + 2P, ... The inputs are tuples (rank, P, steps), one for each worker;
// the results are partial sums, and their sum is pi. You will see both. They
// are added in the order of the ranks, so that a repeated run gives the same
// digits whichever worker was first.
//
// In Python: partial = pool.starmap(partial_pi, [(rank, P, steps) for rank in
// range(P)])
//            pi = sum(partial)

#include <mp/mp.hpp>

#include <tuple>
#include <vector>

#include "exercises/pi.hpp"

namespace {

using exercises::Sum;

std::vector<Sum> partial_sums(mp::Pool& pool, std::uint64_t steps,
                              exercises::PiOptions options,
                              std::size_t chunksize) {
    const unsigned processes = pool.processes();
    std::vector<std::tuple<unsigned, unsigned, std::uint64_t>> shares;
    for (unsigned rank = 0; rank < processes; ++rank)
        shares.emplace_back(rank, processes, steps);

    const auto partial_pi = [options](unsigned rank, unsigned of,
                                      std::uint64_t n) {
        return exercises::partial_pi(rank, of, n, options);
    };
    return pool.starmap(partial_pi, shares, chunksize);
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/lesson.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t steps = 1'000'000'000;
    std::string split = "cyclic";
    input::PoolChoice pool;
};

// The partial sums; no more lines than fit on a screen.
void show(const Run& run, const std::vector<Sum>& partials,
          std::uint64_t steps, Split split) {
    const std::size_t shown = std::min<std::size_t>(partials.size(), 16);
    for (std::size_t rank = 0; rank < shown; ++rank)
        run.say(fmt::format(
            "  rank {:<3} {:<22} partial sum {:.15f}", rank,
            text::counted(share_of(split, rank, partials.size(), steps).count,
                          "step"),
            partials[rank].value()));
    if (partials.size() > shown)
        run.say(fmt::format("  and {} more", partials.size() - shown));
}

void run(Run& run, const Options& o) {
    const std::uint64_t workers = o.pool.workers();
    const Split split = o.split == "blocks" ? Split::blocks : Split::cyclic;
    run.say(fmt::format(
        "{} for {}: {}.", text::counted(o.steps, "step"), o.pool.describe(),
        split == Split::blocks
            ? "each takes one contiguous block"
            : fmt::format("each takes rank, rank + {}, rank + {} and so on",
                          workers, 2 * workers)));

    // The workers count here, for the bar; other ranks do not see it.
    const mp::SharedValue<std::atomic<std::uint64_t>> counter;
    auto* const done = o.pool.over_ranks() ? nullptr : &*counter;
    TimedPool pool(run, o.pool);
    const std::vector<Sum> partials = watched(run, o.steps, done, [&] {
        return pool.work([&](mp::Pool& p) {
            return partial_sums(p, o.steps, {split, done, mp::interrupted},
                                o.pool.chunksize);
        });
    });
    // In rank order.
    const double pi = pool.collect([&] { return pi_from(partials); });

    const double error = std::abs(pi - std::numbers::pi);
    show(run, partials, o.steps, split);
    fmt::print("pi    {:.15f}\nerror {:.1e}\n", pi, error);
    run.outcome.result =
        Value::object({{"steps", o.steps}, {"pi", pi}, {"error", error}});
    const mpworkshop::Timing work = run.timing("work");
    run.outcome.meaning =
        work.wall_s < run.timing("start").wall_s
            ? "Starting the workers took longer than the sum: give more steps."
            : fmt::format("The workers kept {:.2f} CPUs busy.",
                          work.cpu_s / work.wall_s);
    run.outcome.next = "pi-serial " + text::compact(o.steps);
}

Plan plan() {
    auto o = std::make_shared<Options>();
    return {
        .options = input::with_pool(
            {input::count("STEPS", "how many strips (default: 1e9)", o->steps,
                          {.such_as = "1e9"}),
             input::choice(
                 "--split",
                 "who takes which: cyclic or blocks (default: cyclic)",
                 o->split, {"cyclic", "blocks"})},
            o->pool),
        .run = [o](Run& each) { run(each, *o); },
        .pool = &o->pool,
    };
}

} // namespace

const Exercise pi_parallel_exercise = {
    .minutes = 15,
    .name = "pi-parallel",
    .summary = "the same sum, shared out to the workers of a pool",
    .about =
        "Every worker sums its own share of the steps: cyclic takes rank, rank + P, rank + 2P "
        "and so on; blocks takes one contiguous piece each. The partial sums are added in "
        "rank order.",
    .example = "pi-parallel 1e9 --processes 2",
    .plan = plan,
};

} // namespace exercises
