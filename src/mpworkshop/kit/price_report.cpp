#include "mpworkshop/kit/price_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

/// Two digits: more would suggest too much precision.
std::string two_digits(double number) {
    if (number < 9.95) return fmt::format("{:.1f}", number);
    const double unit = std::pow(10, std::floor(std::log10(number)) - 1);
    return text::grouped(std::uint64_t(std::round(number / unit) * unit));
}

Fields fields_of(const Price& price, double call_s) {
    const auto& [median, least, most, count, interval] = price.samples;
    const double calls = median / call_s;
    return {{"name", price.key, price.name},
            Field::seconds("median_s", median),
            Field::label(text::duration(least) + " .. " + text::duration(most)),
            {"least_s", least},
            {"most_s", most},
            {"samples", count},
            {"function_calls", calls, two_digits(calls)}};
}

const Samples& dearer_task(const TaskPrices& prices) {
    return prices.awake.median > prices.asleep.median ? prices.awake : prices.asleep;
}

/// Whether the median is known to within a factor of two, and is not that of a busy machine, where
/// all samples may be too large.
bool is_known(const Samples& samples, const std::optional<sys::CpusUsed>& others) {
    return taken_by_others(others).empty() && samples.interval &&
           samples.interval->high <= 2 * samples.interval->low;
}

} // namespace

std::string advice_on_chunks(const TaskPrices& prices) {
    const Samples& task = dearer_task(prices);
    if (!is_known(task, prices.others))
        return "How much work a chunk must have is unclear: the price of a task in a pool is "
               "uncertain, as " +
               why_unclear(prices.others);
    return fmt::format("Make each chunk worth sending: with {} of work in it, a hundred times the "
                       "price of a task whose worker {}, you lose less than 1 %.",
                       text::duration(100 * task.median),
                       &task == &prices.asleep ? "sleeps" : "is awake");
}

std::string advice_on_pools(const TaskPrices& prices) {
    const Samples& task = dearer_task(prices);
    if (!is_known(task, prices.others) || !is_known(prices.process, prices.others) ||
        prices.process.interval->low <= task.interval->high)
        return "";
    return fmt::format("A process costs as much as {} tasks in a pool: start a pool once, keep it.",
                       two_digits(prices.process.median / task.median));
}

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

Price price_when_idle(Run& run, double seconds, const char* name, const char* key, int number,
                      const std::function<void()>& operate) {
    return price_of(run, seconds, name, key, number, [&](int times) {
        double sum = 0;
        for (int i = 0; i < times; ++i) {
            (void)sys::sleep_for(0.003);
            const double begin = clock_s();
            operate();
            sum += clock_s() - begin;
        }
        return sum;
    });
}

void report_prices(Run& run, double seconds, unsigned processes, std::vector<Price> prices,
                   const std::optional<sys::CpusUsed>& others) {
    std::ranges::sort(prices, {}, [](const Price& price) { return price.samples.median; });
    const auto samples_of = [&](std::string_view key) {
        return std::ranges::find(prices, key, &Price::key)->samples;
    };
    constexpr const char* layout = "  {:<32}{:>10}{:>22}{:>13}";
    run.show(fmt::format(layout, "", "median", "from .. to", "calls"));
    Value::List list;
    for (const Price& price : prices) {
        const Fields fields = fields_of(price, samples_of("call").median);
        run.show(line(layout, fields));
        list.push_back(object(fields));
    }
    run.outcome.result = Value::object({{"seconds", seconds},
                                        {"processes", processes},
                                        {"usable", mp::process_cpu_count()},
                                        {"prices", list}});
    const TaskPrices tasks = {samples_of("task"), samples_of("task_asleep"), samples_of("process"),
                              others};
    run.say("\nCalls: the number of function calls that take as long. " + advice_on_chunks(tasks));
    if (mp::affinity_cpu_count() == 1)
        run.say("With one CPU two threads seldom want a lock at the same moment.");
    run.outcome.meaning = advice_on_pools(tasks);
}

} // namespace mpworkshop::kit
