#include "mpworkshop/benchmark/runner.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <mp/mp.hpp>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/cli/app.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/progress_bar.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::benchmark {
namespace {

/// The value of an option as the plan has it; null if it has none.
Value value_of(const Plan& plan, std::string_view key) {
    for (const input::Option& option : plan.options)
        if (option.key() == key) return option.value();
    return {};
}

/// Serial ones have no choice of workers, or say so; for those that choose threads for each task,
/// the number is unknown.
unsigned workers_of(const CommandRequest& request) {
    const Value backend = value_of(request.plan, "backend");
    const auto* name = std::get_if<std::string>(&backend.data());
    if (name != nullptr && *name == "serial") return 1;
    const Value way = value_of(request.plan, "only");
    const auto* only = std::get_if<std::string>(&way.data());
    if (only != nullptr && *only == "loop") return 1;
    const Value processes = value_of(request.plan, "processes");
    if (const auto* count = std::get_if<std::uint64_t>(&processes.data()))
        return static_cast<unsigned>(*count);
    return std::string_view(request.command->name) == "pi-serial" ? 1 : 0;
}

CommandRequest request_for(const std::vector<std::string>& words, std::string_view typed) {
    std::vector<const char*> arguments;
    arguments.reserve(words.size());
    for (const std::string& word : words) arguments.push_back(word.c_str());
    Request request;
    try {
        request = read_command_line(int(arguments.size()), arguments.data());
    } catch (const UsageError& error) {
        throw UsageError(fmt::format("in {}: {}", text::quoted(typed), error.what()));
    }
    if (const auto* command = std::get_if<CommandRequest>(&request);
        command != nullptr && command->command->is_lesson())
        return *command;
    throw UsageError(fmt::format("{} is no run of an exercise; give one such as 'pi-serial 1e9'",
                                 text::quoted(typed)));
}

/// The run's own message, without the program's name in front.
std::string complaint(const sys::Ended& ended) {
    constexpr std::string_view prefix = "mpworkshop: error: ";
    std::string words = ended.err;
    words.erase(words.find_last_not_of("\n ") + 1);
    if (const std::size_t own = words.find(prefix); own != words.npos) { // a launcher may add to it
        words.erase(0, own + prefix.size());
        words.erase(std::min(words.find('\n'), words.size()));
    } else {
        words.erase(0, words.rfind('\n') + 1); // the last line is the complaint; npos + 1 is 0
    }
    if (!words.empty()) return text::printable(words, 500);
    if (ended.status >= 0) return mp::describe_exit(ended.status);
    const char* advice =
        ended.status == -SIGXCPU   ? "; raise the limit of CPU time (ulimit -t) or give less work"
        : ended.status == -SIGXFSZ ? "; raise the limit of a file's size (ulimit -f)"
                                   : "";
    return mp::describe_exit(ended.status) + " ended it" + advice;
}

using Clock = std::chrono::steady_clock;

/// Runs it; if it cannot be started, the error names it.
sys::Ended started(const TimedCommand& command, Clock::time_point deadline) {
    try {
        return sys::run_command(command.words, {}, {}, deadline, sys::Watched::yes);
    } catch (const std::system_error& error) {
        throw std::runtime_error(fmt::format("'{}' failed: {}", command.name, error.what()));
    }
}

std::optional<double> work_in(const std::string& report) {
    const auto document = nlohmann::json::parse(report, nullptr, false);
    if (!document.is_object() || !document.contains("timings")) return std::nullopt;
    std::optional<double> only;
    std::size_t parts = 0;
    for (const auto& timing : document["timings"]) {
        const std::string name = timing.value("name", "");
        const double wall_s = timing.value("wall_s", 0.0);
        if (name == "work") return wall_s;
        if (name == "total" || name == "python") continue;
        only = wall_s;
        ++parts;
    }
    return parts == 1 ? only : std::nullopt;
}

template <class F> std::vector<double> from(const std::vector<Sample>& samples, F value) {
    std::vector<double> values;
    for (const Sample& sample : samples)
        if (const std::optional<double> each = value(sample)) values.push_back(*each);
    return values;
}

Clock::time_point time_point(double seconds) {
    if (std::isinf(seconds)) return Clock::time_point::max();
    return Clock::time_point(
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
}

/// The runs of a schedule. Time during which this process was stopped does not count.
class Runs {
public:
    Runs(const std::vector<TimedCommand>& commands, Results& results)
        : commands_(commands), results_(results), warm_up_(commands.size()) {}

    double seconds() const { return kit::clock_s() - lost_; }
    std::size_t done() const { return done_; }

    /// False if it still ran at `latest`.
    bool run(std::size_t index, Purpose purpose, double latest) {
        try {
            const Sample sample = undisturbed(commands_[index], latest);
            if (purpose == Purpose::timed) results_.commands[index].samples.push_back(sample);
            if (purpose == Purpose::warm_up) warm_up_[index] = sample;
            ++done_;
            return true;
        } catch (const sys::CommandTimeout&) {
            return false;
        }
    }

    /// Used if nothing else was measured.
    void take_warm_up() {
        for (std::size_t i = 0; i < commands_.size(); ++i)
            if (auto& samples = results_.commands[i].samples; samples.empty() && warm_up_[i]) {
                samples.push_back(*warm_up_[i]);
                results_.has_warm_ups = true;
            }
    }

private:
    /// The first run during which this process was not stopped.
    Sample undisturbed(const TimedCommand& command, double latest) {
        for (;;) {
            const double begin = kit::clock_s();
            if (const auto sample = run_benchmark(command, time_point(latest + lost_)))
                return *sample;
            lost_ = lost_ + kit::clock_s() - begin;
            ++results_.suspended;
        }
    }

    const std::vector<TimedCommand>& commands_;
    Results& results_;
    std::vector<std::optional<Sample>> warm_up_;
    std::atomic<double> lost_ = 0; // the progress bar reads both
    std::atomic<std::size_t> done_ = 0;
};

void expect_samples(const Results& results, double budget_s) {
    for (const Result& each : results.commands)
        if (!each.samples.empty()) return;
    throw std::runtime_error(fmt::format("no run ended within the budget of {:g} s; give less "
                                         "work, or raise --budget",
                                         budget_s));
}

} // namespace

std::vector<double> Result::wall() const {
    return from(samples, [](const Sample& s) { return std::optional(s.wall_s); });
}

std::vector<double> Result::cpu() const {
    return from(samples, [](const Sample& s) { return std::optional(s.cpu_s); });
}

std::vector<double> Result::busy() const {
    return from(samples, [](const Sample& s) { return std::optional(s.cpu_s / s.wall_s); });
}

std::vector<double> Result::work() const {
    return from(samples, [](const Sample& s) { return s.work_s; });
}

std::vector<double> Result::ready() const {
    return from(samples, [](const Sample& s) { return s.ready_s; });
}

std::optional<double> Result::ready_share() const {
    const std::vector<double> all = ready();
    if (all.empty()) return std::nullopt;
    const double ready_s = stats::median(all), wanted_s = ready_s + stats::median(cpu());
    return wanted_s > 0 ? ready_s / wanted_s : 0;
}

std::vector<double> Result::rest() const {
    return from(samples, [](const Sample& s) {
        return s.work_s ? std::optional(s.wall_s - *s.work_s) : std::nullopt;
    });
}

bool gives_option(std::string_view typed, std::string_view option) {
    return std::ranges::any_of(input::shell_words(typed),
                               [&](const auto& word) { return word.starts_with(option); });
}

Value option_value(std::string_view typed, std::string_view key) {
    std::vector<std::string> words = input::shell_words(typed);
    words.insert(words.begin(), sys::this_program());
    return value_of(request_for(words, typed).plan, key);
}

TimedCommand exercise_command(std::string_view typed, std::uint64_t seed) {
    std::vector<std::string> words = input::shell_words(typed);
    words.insert(words.begin(), sys::this_program());
    const CommandRequest request = request_for(words, typed);
    const Value file = value_of(request.plan, "input");
    if (const auto* name = std::get_if<std::string>(&file.data()); name != nullptr && *name == "-")
        throw UsageError(
            fmt::format("{} reads standard input, which can be read only once; give it a file",
                        text::quoted(typed)));
    const auto has = [&](std::string_view option) { return gives_option(typed, option); };
    // What is measured must not write, and the series has a line of its own in the record.
    for (const char* option : {"--json", "--quiet", "--no-record"})
        if (!has(option)) words.emplace_back(option);
    if (!has("--seed")) words.insert(words.end(), {"--seed", std::to_string(seed)});
    return {.name = text::printable(typed), .words = words, .workers = workers_of(request)};
}

std::string Results::why_partial() const {
    if (complete) return {};
    return fmt::format("{}; these are the measurements until then.\n",
                       failure.empty() ? "Interrupted" : "A run failed");
}

std::optional<Sample> run_benchmark(const TimedCommand& command, Clock::time_point deadline) {
    const sys::Ended ended = started(command, deadline);
    if (ended.status != 0)
        throw std::runtime_error(fmt::format("'{}' failed: {}", command.name, complaint(ended)));
    if (ended.suspended) return std::nullopt;
    Sample sample = {ended.wall_s, ended.cpu_s, work_in(ended.out)};
    if (ended.activity) {
        sample.cpu_s = ended.activity->total.cpu_s;
        if (ended.activity->ready_known) sample.ready_s = ended.activity->total.ready_s;
    }
    return sample;
}

std::string note_of_suspensions(const Results& results) {
    if (results.suspended == 0) return "";
    return fmt::format("This program was stopped for a while, as by Ctrl-Z. {} during that time {} "
                       "discarded and repeated.",
                       text::counted(results.suspended, "run"),
                       results.suspended == 1 ? "was" : "were");
}

std::string note_of_budget(const Results& results, const Alternation& alternation) {
    if (!results.out_of_budget) return "";
    const std::string budget = fmt::format("The budget of {:g} s ended", alternation.budget_s);
    const char* what_to_do = "give less work, or raise --budget.";
    if (results.rounds == 0)
        return fmt::format("{} before each command was measured once{}: {}", budget,
                           results.has_warm_ups ? "; the times of some are those of warm-ups" : "",
                           what_to_do);
    return fmt::format("{} after {} of each, of the {} that a verdict takes: {}", budget,
                       text::counted(results.rounds, "run"), alternation.least, what_to_do);
}

Results run_benchmark(const std::vector<TimedCommand>& commands, Alternation alternation, Bar bar) {
    Results results;
    for (const TimedCommand& command : commands) results.commands.push_back({command});
    alternation.commands = commands.size();
    Runs runs(commands, results);
    const double begin = runs.seconds();
    const auto fraction = [&] {
        const std::size_t wanted =
            commands.size() *
            (alternation.warm_up + (alternation.runs ? alternation.runs : alternation.least));
        const double of_runs = double(runs.done()) / double(wanted);
        if (alternation.runs > 0) return of_runs;
        return std::min(of_runs, (runs.seconds() - begin) / alternation.budget_s);
    };
    const sys::ProgressBar progress(bar == Bar::shown, fraction);
    const sys::OtherPrograms others;
    try {
        results.rounds = alternate(
            alternation, {.seconds = [&] { return runs.seconds(); },
                          .run = [&](std::size_t index, Purpose purpose,
                                     double latest) { return runs.run(index, purpose, latest); }});
        results.out_of_budget = alternation.runs == 0 && results.rounds < alternation.least;
        if (results.out_of_budget) runs.take_warm_up();
        expect_samples(results, alternation.budget_s);
    } catch (const mp::Interrupted&) {
        results.complete = false;
    } catch (const std::runtime_error& error) {
        const auto has_samples = [](const Result& each) { return !each.samples.empty(); };
        if (std::ranges::none_of(results.commands, has_samples)) throw;
        results.complete = false;
        results.failure = error.what();
    }
    results.others = others.cpus_used();
    return results;
}

std::uint64_t steps_for(double seconds, double step_s) {
    const double steps = std::clamp(seconds / step_s, 1.0, 1e15);
    const double unit = std::pow(10, std::floor(std::log10(steps)));
    return static_cast<std::uint64_t>(std::round(steps / unit) * unit);
}

double rounded_wait_s(double seconds) {
    constexpr double least = 0.001;
    if (seconds <= least) return least;
    const double unit = std::pow(10, std::floor(std::log10(seconds)));
    return std::max(least, std::floor(seconds / unit) * unit);
}

double seconds_per_step(std::uint64_t seed) {
    constexpr double steps = 1e8;
    const TimedCommand command = exercise_command("pi-serial 1e8", seed);
    std::optional<Sample> sample;
    while (!(sample = run_benchmark(command))) {
    }
    return sample->work_s.value_or(sample->wall_s) / steps;
}

} // namespace mpworkshop::benchmark
