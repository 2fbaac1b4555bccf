#include "bench/report.hpp"

#include <cmath>
#include <fmt/format.h>

namespace bench {
namespace {

using Json = nlohmann::ordered_json;

/// One line of the table, without trailing spaces.
std::string row(const std::string& name, const std::string& engine, const std::string& peer,
                const std::string& peers, const std::string& ratio, const std::string& bar,
                const std::string& met) {
    std::string line = fmt::format("{:<18} {:>9} {:<18} {:>9} {:>6} {:>9} {:>3}", name, engine,
                                   peer, peers, ratio, bar, met);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// Three digits: "0.210", "12.3", "4660", "0".
std::string figure(double value) {
    if (value == std::round(value) || std::abs(value) >= 100) return fmt::format("{:.0f}", value);
    return fmt::format("{:#.3g}", value);
}

std::string with_unit(const Json& side, const std::string& unit) {
    return side.contains("median") ? figure(side["median"]) + " " + unit : "wrong";
}

/// "<= 1.5"; "5 or 0.5" when either will do, the ratio or the engine's own figure.
std::string bar_text(const Json& side) {
    if (!side.contains("bar")) return "";
    std::string than, text;
    for (const auto& [key, value] : side["bar"].items()) {
        than = !text.empty() ? "" : key.ends_with("at_most") ? "<= " : ">= ";
        text += (text.empty() ? "" : " or ") + fmt::format("{:g}", value.get<double>());
    }
    return than + text;
}

std::string met_text(const Json& side) {
    if (!side.contains("met")) return "";
    return side["met"] ? "yes" : "no";
}

std::string error_line(const std::string& who, const Json& side) {
    if (!side.contains("error")) return "";
    return fmt::format("  {}: {}\n", who, side["error"].get<std::string>());
}

} // namespace

std::string table_head() {
    return row("workload", "engine", "peer", "peer's", "ratio", "bar", "met");
}

std::string table_lines(const Json& result) {
    const std::string name = result["workload"];
    if (result.contains("error"))
        return fmt::format("{:<18} failed: {}\n", name, result["error"].get<std::string>());
    const std::string unit = result["unit"];
    const Json& engine = result["engine"];
    const std::string ours = with_unit(engine, unit);
    std::string text;
    if (engine.contains("bar") || result["peers"].empty())
        text += row(name, ours, "", "", "", bar_text(engine), met_text(engine));
    for (const Json& peer : result["peers"]) {
        const bool first = text.empty();
        const std::string ratio =
            peer.contains("ratio") ? fmt::format("{:.2f}", peer["ratio"].get<double>()) : "";
        text += row(first ? name : "", first ? ours : "", peer["name"].get<std::string>(),
                    with_unit(peer, unit), ratio, bar_text(peer), met_text(peer));
    }
    text += error_line("engine", engine);
    for (const Json& peer : result["peers"])
        text += error_line(peer["name"].get<std::string>() + ", no peer", peer);
    return text;
}

std::string verdict(const Json& results) {
    int bars = 0, met = 0;
    const auto count = [&](const Json& side) {
        if (!side.contains("bar")) return;
        ++bars;
        met += side.value("met", false) ? 1 : 0;
    };
    for (const Json& result : results) {
        if (result.contains("error")) continue;
        count(result["engine"]);
        for (const Json& peer : result["peers"]) count(peer);
    }
    return fmt::format("{} of {} bars met. A bar is on the ratio; where there is no peer, and\n"
                       "after \"or\", on the engine's own figure.\n",
                       met, bars);
}

} // namespace bench
