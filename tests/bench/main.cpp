// mpbench: compares the speed of the engine with others in one run. README.md here explains each
// workload.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <mp/mp.hpp>

#include "bench/driver.hpp"
#include "bench/report.hpp"
#include "bench/workload.hpp"
#include "mpworkshop/input/number.hpp"
#include "mpworkshop/text/text.hpp"

namespace {

using bench::Settings;
using bench::Workload;
namespace text = mpworkshop::text;

enum class Output { table, json, list };

std::vector<Workload> all_workloads() {
    std::vector<Workload> all;
    for (const auto family : {bench::latency, bench::tasks, bench::maps, bench::starting,
                              bench::memory, bench::growth, bench::commands, bench::pi_sums})
        for (Workload& each : family()) all.push_back(std::move(each));
    return all;
}

std::vector<Workload> chosen(std::vector<Workload> all, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (std::none_of(all.begin(), all.end(), [&](auto& each) { return each.name == name; }))
            throw CLI::ValidationError(fmt::format(
                "there is no workload {}; mpbench --list shows them", text::quoted(name)));
    if (!names.empty())
        std::erase_if(all, [&](const Workload& each) {
            return std::find(names.begin(), names.end(), each.name) == names.end();
        });
    return all;
}

bool failed(const nlohmann::ordered_json& result) {
    if (result.contains("error") || result["engine"].contains("error")) return true;
    return std::any_of(result["peers"].begin(), result["peers"].end(),
                       [](const auto& peer) { return peer.contains("error"); });
}

/// Returns whether all results were correct.
bool run(const std::vector<Workload>& workloads, const Settings& settings, Output output) {
    auto results = nlohmann::ordered_json::array();
    bool good = true;
    if (output == Output::table) fmt::print("{}", bench::table_head());
    for (const Workload& each : workloads) {
        fmt::print(stderr, "mpbench: {}\n", each.name);
        results.push_back(bench::run_apart(each, settings));
        good &= !failed(results.back());
        if (output == Output::table) fmt::print("{}", bench::table_lines(results.back()));
        std::fflush(stdout);
    }
    if (output == Output::table) {
        fmt::print("\n{}", bench::verdict(results));
    } else {
        const nlohmann::ordered_json document = {{"workers", settings.workers},
                                                 {"cpus", mp::process_cpu_count()},
                                                 {"repeats", settings.repeats},
                                                 {"workloads", results}};
        fmt::print("{}\n", document.dump(1));
    }
    return good;
}

/// Warns of whatever makes the figures unstable or wrong.
void warn() {
#ifndef NDEBUG
    fmt::print(stderr, "mpbench: this is not a release build; its figures mean little\n");
#endif
    double load = 0; // processes that ran or wanted to, over the last minute
    if (::getloadavg(&load, 1) == 1 && load >= 0.5)
        fmt::print(stderr,
                   "mpbench: the machine has other work (load {:.1f}); its figures are unsteady. "
                   "Try again when it rests.\n",
                   load);
}

void list(const std::vector<Workload>& workloads) {
    for (const Workload& each : workloads) fmt::print("{:<18} {}\n", each.name, each.summary);
}

/// An option that accepts 1000 and 1e3.
void number(CLI::App& app, const char* name, std::uint64_t& value, std::uint64_t least,
            std::uint64_t most, const std::string& help) {
    app.add_option_function<std::string>(
           name,
           [=, &value](const std::string& given) {
               using namespace mpworkshop::input;
               const Whole whole = whole_number(given);
               if (whole.flaw != Flaw::none || whole.value < least || whole.value > most)
                   throw CLI::ValidationError(fmt::format("{}: {} is no number from {} to {}", name,
                                                          text::quoted(given), text::compact(least),
                                                          text::compact(most)));
               value = whole.value;
           },
           fmt::format("{} (default: {})", help, text::compact(value)))
        ->type_name("N");
}

} // namespace

int main(int argc, char** argv) try {
    Settings settings;
    Output output = Output::table;
    std::vector<std::string> names;
    CLI::App app{"Runs the engine beside its peers and the machine's own limits.", "mpbench"};
    app.add_option("NAME", names, "the workloads to run (default: all)");
    app.add_flag_callback(
        "--json", [&] { output = Output::json; }, "every figure instead of a table");
    app.add_flag_callback(
        "--list", [&] { output = Output::list; }, "what the workloads are, and nothing else");
    number(app, "--repeats", settings.repeats, 1, 10'000, "how often each is measured");
    number(app, "--workers", settings.workers, 1, 1'000, "workers, and threads of the peers");
    number(app, "--pi-steps", settings.pi_steps, 1'000'000, 1'000'000'000'000,
           "steps of pi-all-cores");
    number(app, "--imap-items", settings.imap_items, 1'000'000, 1'000'000'000'000,
           "items of imap-memory");
    number(app, "--idle-seconds", settings.idle_seconds, 1, 500, "how long idle-pool looks");
    std::vector<Workload> workloads;
    try {
        app.parse(argc, argv);
        workloads = chosen(all_workloads(), names);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "mpbench: {}; try mpbench --help\n", text::printable(error.what(), 200));
        return 2;
    }
    if (output == Output::list) {
        list(workloads);
        return 0;
    }
    warn();
    return run(workloads, settings, output) ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "mpbench: {}\n", error.what());
    return 1;
}
