#define MPWORKSHOP_LESSON
#include "exercises/map/map.cpp"

#include <random>

#include "exercises/command.hpp"
#include "mpworkshop/kit/break_even.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t count = 50;
    double min = 32, max = 100;
    std::string file;
    input::PoolChoice pool;
};

Numbers random_temperatures(std::size_t count, double min, double max,
                            std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> share(0, 1);
    Numbers fahrenheit(count);
    for (double& f : fahrenheit) f = std::lerp(min, max, share(random));
    return fahrenheit;
}

// With one decimal; with six digits what would take a dozen that way.
std::string rounded(double degrees) {
    return std::abs(degrees) < 1e9 ? fmt::format("{:.1f}", degrees)
                                   : fmt::format("{:.6g}", degrees);
}

// With one decimal where that is exact, else with as many digits as it takes.
std::string as_given(double degrees) {
    const bool one_decimal = std::round(degrees * 10) / 10 == degrees;
    return one_decimal && std::abs(degrees) < 1e9 ? rounded(degrees)
                                                  : fmt::format("{}", degrees);
}

void run(Run& run, const Options& o) {
    if (o.min > o.max)
        throw mpworkshop::UsageError(
            "--min is above --max; give it the lower one");
    const Numbers fahrenheit =
        o.file.empty() ? random_temperatures(o.count, o.min, o.max, run.seed())
                       : input::read_table(o.file, 1);
    run.say(fmt::format(
        "{} for {}{}.", text::counted(fahrenheit.size(), "temperature"),
        o.pool.describe(),
        o.file.empty() ? fmt::format(", seed {}", run.seed()) : ""));

    TimedPool pool(run, o.pool);
    const Numbers celsius = pool.work([&](mp::Pool& p) {
        return convert_in_a_pool(p, fahrenheit, o.pool.chunksize);
    });
    pool.collect();
    run.timed("loop", [&] { return convert_in_a_loop(fahrenheit); });
    kit::explain_costs_afterwards(
        run, o.pool, fahrenheit.size(), convert_in_a_loop, convert_in_a_pool,
        [] { return random_temperatures(200'000, 32, 100, 1); });

    sys::print_lines(celsius.size(), [&](std::size_t i, std::string& to) {
        const double f = fahrenheit[i];
        fmt::format_to(std::back_inserter(to), "{:>6} F = {:>6} C\n",
                       o.file.empty() ? rounded(f) : as_given(f),
                       rounded(celsius[i]));
    });
    run.outcome.result =
        Value::object({{"fahrenheit", fahrenheit}, {"celsius", celsius}});
}

} // namespace

Plan plan_map() {
    auto o = std::make_shared<Options>();
    return {
        .options = input::with_pool(
            {input::count("--count", "how many temperatures (default: 50)",
                          o->count, {.least = 0, .most = 100'000'000}),
             input::number("--min", "the lowest, in Fahrenheit (default: 32)",
                           o->min),
             input::number("--max", "the highest (default: 100)", o->max),
             input::file(
                 "--input",
                 "read them from a file, one a line; -: standard input",
                 o->file, {"--count", "--min", "--max"})},
            o->pool),
        .run = [o](Run& each) { run(each, *o); },
        .pool = &o->pool,
    };
}

} // namespace exercises
