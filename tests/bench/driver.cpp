#include "bench/driver.hpp"

#include <benchmark/benchmark.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "bench/floors.hpp"

namespace bench {
namespace {

using Json = nlohmann::ordered_json;
constexpr unsigned time_limit_s = 600;
constexpr auto rest = std::chrono::milliseconds(20); // the other side's threads stop spinning

struct TimedSide {
    const Side* side;
    std::vector<double> samples{};
    std::string error{};
};

void time_side(TimedSide& each, benchmark::State* state) {
    if (!each.error.empty()) return;
    std::this_thread::sleep_for(rest);
    try {
        const double figure = each.side->figure();
        if (state != nullptr) state->counters[each.side->name] = figure;
    } catch (const std::exception& error) {
        each.error = error.what();
    }
}

/// Takes the figures of every repetition from the library; prints nothing.
class Collector final : public benchmark::BenchmarkReporter {
public:
    explicit Collector(std::vector<TimedSide>& all) : all_(all) {}
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs)
            for (TimedSide& each : all_)
                if (const auto found = run.counters.find(each.side->name);
                    run.run_type == Run::RT_Iteration && found != run.counters.end())
                    each.samples.push_back(found->second);
    }

private:
    std::vector<TimedSide>& all_;
};

std::vector<TimedSide> time_all(const Workload& workload, const Settings& settings,
                                const std::vector<Side>& sides) {
    std::vector<TimedSide> all;
    all.reserve(sides.size());
    for (const Side& side : sides) all.push_back({&side});
    if (workload.rounds == Rounds::warm)
        for (TimedSide& each : all) time_side(each, nullptr);

    std::size_t turn = 0;
    benchmark::RegisterBenchmark(workload.name.c_str(),
                                 [&](benchmark::State& state) {
                                     for (auto _ : state)
                                         for (std::size_t i = 0; i < all.size(); ++i)
                                             time_side(all[(turn + i) % all.size()], &state);
                                     ++turn;
                                 })
        ->Iterations(1)
        ->Repetitions(workload.rounds == Rounds::one ? 1 : int(settings.repeats))
        ->ReportAggregatesOnly(false);
    Collector collector(all);
    benchmark::RunSpecifiedBenchmarks(&collector, "all");
    return all;
}

bool reaches(double figure, double bar, Better better) {
    return better == Better::lower ? figure <= bar : figure >= bar;
}

void judge(Json& side, const Bar& bar, Better better, std::optional<double> ratio,
           std::optional<double> value) {
    if (!bar.ratio && !bar.value) return;
    const std::string than = better == Better::lower ? "_at_most" : "_at_least";
    bool met = false;
    if (bar.ratio) {
        side["bar"]["ratio" + than] = *bar.ratio;
        met |= ratio && reaches(*ratio, *bar.ratio, better);
    }
    if (bar.value) {
        side["bar"]["engine" + than] = *bar.value;
        met |= value && reaches(*value, *bar.value, better);
    }
    if (value && (ratio || !bar.ratio)) side["met"] = met;
}

Json described(const TimedSide& each) {
    Json side = {{"name", each.side->name}};
    if (!each.error.empty()) {
        side["error"] = each.error;
        return side;
    }
    side["median"] = median(each.samples);
    side["samples"] = each.samples;
    return side;
}

Json result_of(const Workload& workload, const std::vector<TimedSide>& all) {
    Json result = {{"workload", workload.name},
                   {"summary", workload.summary},
                   {"unit", workload.unit},
                   {"better", workload.better == Better::lower ? "lower" : "higher"}};
    const TimedSide& engine = all.front();
    std::optional<double> value;
    if (engine.error.empty()) value = median(engine.samples);
    result["engine"] = described(engine);
    judge(result["engine"], engine.side->bar, workload.better, {}, value);
    result["peers"] = Json::array();
    for (std::size_t i = 1; i < all.size(); ++i) {
        const TimedSide& peer = all[i];
        Json side = described(peer);
        std::optional<double> ratio;
        if (value && peer.error.empty()) {
            std::vector<double> ratios;
            for (std::size_t r = 0; r < peer.samples.size(); ++r)
                ratios.push_back(engine.samples[r] / peer.samples[r]);
            side["ratios"] = ratios;
            side["ratio"] = *(ratio = median(ratios));
        }
        judge(side, peer.side->bar, workload.better, ratio, value);
        result["peers"].push_back(side);
    }
    return result;
}

Json run_inline(const Workload& workload, const Settings& settings) {
    try {
        const std::vector<Side> sides = workload.sides(settings);
        return result_of(workload, time_all(workload, settings, sides));
    } catch (const std::exception& error) {
        return {{"workload", workload.name}, {"error", error.what()}};
    }
}

void write_all(int fd, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
        if (written > 0)
            done += std::size_t(written);
        else if (errno != EINTR)
            ::_exit(1);
    }
}

std::string read_all(int fd) {
    std::string text;
    char part[4096];
    for (ssize_t size = 0; (size = ::read(fd, part, sizeof part)) != 0;)
        if (size > 0)
            text.append(part, std::size_t(size));
        else if (errno != EINTR)
            break;
    return text;
}

} // namespace

nlohmann::ordered_json run_apart(const Workload& workload, const Settings& settings) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) {
        end_with_parent();
        ::alarm(time_limit_s);
        write_all(ends[1], run_inline(workload, settings).dump());
        ::_exit(0);
    }
    ::close(ends[1]);
    const std::string text = read_all(ends[0]);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Json::parse(text);
    const std::string why = !WIFSIGNALED(status) ? "it did not finish"
                            : WTERMSIG(status) == SIGALRM
                                ? "it took longer than 10 minutes"
                                : "it was ended by signal " + std::to_string(WTERMSIG(status));
    return {{"workload", workload.name}, {"error", why}};
}

} // namespace bench
