#define MPWORKSHOP_LESSON
#include "exercises/map/map.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/degrees.hpp"
#include "mpworkshop/kit/ways.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t count = 50;
    double min = 32, max = 100;
    std::string file;
    bool all = false;
    input::PoolChoice pool;
    kit::Way way;
    kit::PredictionChoice prediction = {
        .question = "How many times as fast as the loop is the pool?"};

    std::vector<input::Option> options() {
        return input::with_pool(
            kit::with_ways(
                {input::count("--count", "how many temperatures", count,
                              {.least = 0, .most = 100'000'000}),
                 input::number("--min", "the lowest, in Fahrenheit", min),
                 input::number("--max", "the highest", max),
                 input::file(
                     "--input",
                     "read them from a file, one per line; -: standard input",
                     file, {"--count", "--min", "--max"}),
                 input::flag("--all",
                             "prints every line; of many, a terminal "
                             "shows only the first and the last",
                             all)},
                way, {"pool", "loop"}),
            pool);
    }
};

void run(Run& run, const Options& o) {
    if (o.min > o.max)
        throw mpworkshop::UsageError(
            "--min is above --max; give it the lower one");
    Numbers fahrenheit = run.timed("input", [&] {
        return o.file.empty()
                   ? kit::random_degrees(o.count, o.min, o.max, run.seed())
                   : input::read_table(o.file, 1);
    });
    run.say(fmt::format(
        "{} for {}{}{}.", text::counted(fahrenheit.size(), "temperature"),
        o.pool.describe(), o.way.language(),
        o.file.empty() ? fmt::format(", seed {}", run.seed()) : ""));

    Numbers celsius =
        o.way.python
            ? kit::run_twin(run, kit::twin("map", o.way, o.pool), fahrenheit)
            : kit::in_both_ways(
                  run, o.way, o.pool, fahrenheit, convert_in_a_loop,
                  convert_in_a_pool, [](std::uint64_t count) {
                      return kit::random_degrees(count, 32, 100, 1);
                  });

    kit::compare_with_prediction(run);

    const auto line = [&](std::size_t i, std::string& to) {
        const double f = fahrenheit[i];
        fmt::format_to(std::back_inserter(to), "{:>6} F = {:>6} C\n",
                       o.file.empty() ? kit::rounded(f) : kit::as_given(f),
                       kit::rounded(celsius[i]));
    };
    run.timed("print", [&] {
        if (o.all)
            sys::print_lines(celsius.size(), line);
        else
            sys::print_excerpt(celsius.size(), line, "--all shows them");
    });
    run.outcome.result.set("fahrenheit", std::move(fahrenheit));
    run.outcome.result.set("celsius", std::move(celsius));
}

} // namespace

Plan plan_map() { return planned(run); }

} // namespace exercises
