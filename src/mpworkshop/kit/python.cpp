#include "mpworkshop/kit/python.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/kit/embedded.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

std::string source_of(const std::string& lesson) {
    const std::string folder = lesson.starts_with("pi_") ? "pi" : lesson;
    return std::string(embedded(fmt::format("exercises/{}/{}.py", folder, lesson)));
}

/// Splits a stream into lines.
class Lines {
public:
    explicit Lines(const std::function<void(std::string_view)>& say) : say_(say) {}

    void add(std::string_view text) {
        for (rest_ += text;;) {
            const std::size_t end = rest_.find('\n');
            if (end == rest_.npos) return;
            if (say_) say_(std::string_view(rest_).substr(0, end));
            rest_.erase(0, end + 1);
        }
    }

private:
    const std::function<void(std::string_view)>& say_;
    std::string rest_;
};

std::string last_line(std::string text) {
    text.erase(text.find_last_not_of("\n ") + 1);
    text.erase(0, text.rfind('\n') + 1); // npos + 1 is 0
    return text::printable(text, 500);
}

TwinFound parsed(const std::string& out) {
    TwinFound found;
    const auto document = nlohmann::json::parse(out);
    for (const auto& each : document["timings"])
        found.timings.push_back({each["name"], each["wall_s"], each["cpu_s"]});
    for (const auto& number : document["result"])
        found.result.push_back(std::strtod(number.get<std::string>().c_str(), nullptr));
    return found;
}

} // namespace

std::vector<std::string> twin_command(const TwinRun& twin) {
    const nlohmann::json options = {{"lesson", twin.lesson},   {"only", twin.only},
                                    {"workers", twin.workers}, {"chunksize", twin.chunksize},
                                    {"size", twin.size},       {"seconds", twin.seconds}};
    return {"python3", "-c", std::string(embedded("src/mpworkshop/python/twin.py")),
            source_of(twin.lesson), options.dump()};
}

TwinFound run_twin(const TwinRun& twin, const std::vector<double>& inputs,
                   const std::function<void(std::string_view)>& say) {
    Lines lines(say);
    sys::Ended ended;
    try {
        ended = sys::run_command(twin_command(twin), fmt::format("{}", fmt::join(inputs, "\n")),
                                 [&](std::string_view text) { lines.add(text); });
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) throw;
        throw std::runtime_error("--python needs python3, which is not there; install it (apt "
                                 "install python3), or leave --python out");
    }
    if (ended.status != 0)
        throw std::runtime_error(
            fmt::format("python3 failed: {}", ended.err.empty() ? mp::describe_exit(ended.status)
                                                                : last_line(ended.err)));
    return parsed(ended.out);
}

std::vector<double> run_twin(Run& run, const TwinRun& twin, const std::vector<double>& inputs) {
    std::vector<Timing>& timings = run.outcome.timings;
    const std::size_t whole = timings.size();
    TwinFound found = run.timed("python", [&] {
        return run_twin(twin, inputs, [&](std::string_view line) { run.say(line); });
    });
    for (const Timing& part : found.timings) {
        timings[whole].wall_s -= part.wall_s;
        timings[whole].cpu_s = std::max(0.0, timings[whole].cpu_s - part.cpu_s);
        timings.push_back(part);
    }
    return std::move(found.result);
}

TwinRun twin(std::string lesson, const Way& way, const input::PoolChoice& pool) {
    return {.lesson = std::move(lesson),
            .only = way.only,
            .workers = pool.workers(),
            .chunksize = pool.chunksize};
}

std::vector<input::Option> with_python(std::vector<input::Option> options, Way& way) {
    options.push_back(
        input::flag("--python", "runs the lesson's Python program instead", way.python));
    options.back().instead_of = {"--backend", "--retries", "--trace", "--timeline",
                                 "--io",      "--split",   "--plain"};
    return options;
}

std::vector<input::Option> with_ways(std::vector<input::Option> options, Way& way,
                                     std::vector<std::string> names) {
    options.push_back(input::otherwise(
        input::choice("--only", fmt::format("runs one way only: {}", fmt::join(names, ", ")),
                      way.only, names),
        "all"));
    options.back().value = [&way] { return way.only.empty() ? Value() : Value(way.only); };
    return with_python(std::move(options), way);
}

} // namespace mpworkshop::kit
