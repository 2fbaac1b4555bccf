#define MPWORKSHOP_LESSON
#include "exercises/pi/pi_parallel.cpp"
#include "exercises/pi/pi_serial.cpp"

#include <optional>

#include "exercises/command.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/pi_report.hpp"
#include "mpworkshop/kit/watched.hpp"
#include "mpworkshop/sys/signals.hpp"

namespace exercises {
namespace {

using Counter = std::atomic<std::uint64_t>;

struct Serial {
    std::vector<std::uint64_t> given;
    kit::SumChoice sum;

    std::vector<std::uint64_t> steps() const {
        return given.empty() ? std::vector{sum.usual_steps()} : given;
    }
    std::vector<input::Option> options() {
        input::Option option =
            input::counts("STEPS", "how many strips; several make a table",
                          given, {.such_as = "1e9"});
        option.value = [this] {
            const auto all = steps();
            return Value(Value::List(all.begin(), all.end()));
        };
        return kit::with_sum({option}, sum);
    }
};

double in_cpp(Run& run, const kit::SumChoice& sum, std::uint64_t steps) {
    if (sum.plain) // in a worker, which an interrupt can end
        return mp::Pool(1).apply(pi_serial, long(steps));
    Counter done = 0;
    return kit::watched(run, steps, &done, [&] {
        return kit::pi_serial(steps, {.done = &done, .stop = mp::interrupted});
    });
}

void run_serial(Run& run, const Serial& o) {
    const std::vector<std::uint64_t> all = o.steps();
    kit::SumReport report(run, all, o.sum);
    if (o.sum.way.python) // which has a clock of its own
        for (const std::uint64_t steps : all) {
            const double pi =
                kit::run_twin(run, {.lesson = "pi_serial", .size = steps})
                    .front();
            report.add(pi, run.outcome.timings.back().wall_s);
        }
    else
        run.timed("work", [&] {
            for (const std::uint64_t steps : all) {
                const double begin = kit::clock_s();
                const double pi = in_cpp(run, o.sum, steps);
                report.add(pi, kit::clock_s() - begin);
            }
        });
    report.finish();
}

struct Parallel {
    std::uint64_t given = 0;
    std::string split = "cyclic";
    kit::SumChoice sum;
    input::PoolChoice pool;
    kit::PredictionChoice prediction = {
        .question = "How long does it take, all in all?",
        .quantity = kit::Quantity::seconds};

    std::uint64_t steps() const {
        return given == 0 ? sum.usual_steps() : given;
    }
    kit::Split kind() const {
        return split == "blocks" ? kit::Split::blocks : kit::Split::cyclic;
    }
    std::vector<input::Option> options() {
        return input::with_pool(
            kit::with_sum(
                {input::count("STEPS", "how many strips", given,
                              {.such_as = "1e9"},
                              {[this] { return steps(); }}),
                 input::choice(
                     "--split",
                     "which steps each worker takes: cyclic or blocks", split,
                     {"cyclic", "blocks"})},
                sum),
            pool);
    }
};

std::vector<kit::Sum> all_partial_sums(Run& run, const Parallel& o) {
    if (o.sum.way.python) {
        auto twin = kit::twin("pi_parallel", o.sum.way, o.pool);
        twin.size = o.steps();
        return kit::as_sums(kit::run_twin(run, twin));
    }
    // The workers' progress, for the bar; other ranks do not see it.
    const mp::SharedValue<Counter> counter;
    const bool counted = !o.pool.over_ranks() && !o.sum.plain;
    auto* const done = counted ? &*counter : nullptr;
    TimedPool pool(run, o.pool);
    // The lesson's loop does not check for interrupts. A worker process can be
    // ended; in this process, the signal must act at once.
    const bool in_this_process =
        o.pool.backend == "threads" || o.pool.backend == "serial";
    std::optional<sys::ImmediateSignals> immediate;
    if (o.sum.plain && in_this_process) immediate.emplace();
    const auto sums = [&](mp::Pool& p) {
        if (o.sum.plain)
            return kit::as_sums(
                partial_sums(p, long(p.processes()), long(o.steps())));
        return kit::partial_sums(
            p, o.steps(), {o.kind(), done, mp::interrupted}, o.pool.chunksize);
    };
    auto partials = pool.work([&](mp::Pool& p) {
        return kit::watched(run, o.steps(), done, [&] { return sums(p); });
    });
    pool.collect();
    return partials;
}

void run_parallel(Run& run, const Parallel& o) {
    kit::announce_shares(run, o.steps(), o.kind(), o.sum, o.pool);
    kit::report_shares(run, o.steps(), o.kind(), all_partial_sums(run, o));
}

} // namespace

Plan plan_pi_serial() { return planned(run_serial); }

Plan plan_pi_parallel() { return planned(run_parallel); }

} // namespace exercises
