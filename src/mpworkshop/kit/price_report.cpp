#include "mpworkshop/kit/price_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

/// Two digits: more would promise too much.
std::string two_digits(double number) {
    if (number < 9.95) return fmt::format("{:.1f}", number);
    const double unit = std::pow(10, std::floor(std::log10(number)) - 1);
    return text::grouped(std::uint64_t(std::round(number / unit) * unit));
}

Fields fields_of(const Price& price, double call_s) {
    const auto& [median, least, most, count] = price.samples;
    const double calls = median / call_s;
    return {{"name", price.key, price.name},
            Field::seconds("median_s", median),
            Field::label(text::duration(least) + " .. " + text::duration(most)),
            {"least_s", least},
            {"most_s", most},
            {"samples", count},
            {"function_calls", calls, two_digits(calls)}};
}

} // namespace

Price price_of(Run& run, double seconds, const char* name, const char* key, int number,
               const std::function<double(int number)>& seconds_of) {
    const Price price = {name, key, samples(seconds, [&] { return seconds_of(number) / number; })};
    run.outcome.so_far = fmt::format("the price of {} is known", name);
    return price;
}

Price timed_price_of(Run& run, double seconds, const char* name, const char* key, int number,
                     const std::function<void(int number)>& operate) {
    return price_of(run, seconds, name, key, number, [&](int times) {
        const double begin = clock_s();
        operate(times);
        return clock_s() - begin;
    });
}

void report_prices(Run& run, double seconds, unsigned processes, std::vector<Price> prices) {
    std::ranges::sort(prices, {}, [](const Price& price) { return price.samples.median; });
    const auto median_of = [&](std::string_view key) {
        return std::ranges::find(prices, key, &Price::key)->samples.median;
    };
    constexpr const char* layout = "  {:<32}{:>10}{:>22}{:>13}";
    run.show(fmt::format(layout, "", "median", "from .. to", "calls"));
    Value::List list;
    for (const Price& price : prices) {
        const Fields fields = fields_of(price, median_of("call"));
        run.show(line(layout, fields));
        list.push_back(object(fields));
    }
    run.outcome.result = Value::object({{"seconds", seconds},
                                        {"processes", processes},
                                        {"usable", mp::process_cpu_count()},
                                        {"prices", list}});
    const double task_s = median_of("task");
    run.say(fmt::format("\nCalls: as many function calls take as long. What is sent to a pool at "
                        "once should be worth its way: in chunks of {} of work, a hundred times "
                        "the price of a task, less than 1 % is lost.",
                        text::duration(100 * task_s)));
    if (mp::process_cpu_count() == 1)
        run.say("With one CPU two threads seldom want a lock at the same moment.");
    run.outcome.meaning =
        fmt::format("A process costs as much as {} tasks in a pool: start a pool once, keep it.",
                    two_digits(median_of("process") / task_s));
}

} // namespace mpworkshop::kit
