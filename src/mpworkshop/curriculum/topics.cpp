#include "mpworkshop/curriculum/topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mpworkshop/kit/embedded.hpp"

namespace mpworkshop::curriculum {
namespace {

constexpr auto all = std::to_array<Topic>({
    {1, "memory", "exercises/memory.md"},
    {2, "race", "exercises/race/race.md"},
    {3, "mutex", "exercises/mutex.md"},
    {4, "gil", "exercises/gil/gil.md"},
    {5, "threads-io", "exercises/threads_io/threads_io.md"},
    {6, "concurrency", "exercises/concurrency/concurrency.md"},
    {7, "parallelism", "exercises/parallelism.md"},
    {8, "cores", "exercises/cores/cores.md"},
    {9, "process-demo", "exercises/process_demo/process_demo.md"},
    {10, "pool", "exercises/pool.md"},
    {11, "map", "exercises/map/map.md"},
    {12, "starmap", "exercises/starmap/starmap.md"},
    {0, "chunks", "exercises/chunks/chunks.md"},
    {13, "pi-serial", "exercises/pi/pi_serial.md"},
    {14, "pi-parallel", "exercises/pi/pi_parallel.md"},
    {0, "price", "exercises/price/price.md"},
    {15, "rules", "exercises/rules.md"},
    {0, "cluster", "exercises/cluster.md"},
    {0, "words", "exercises/words.md"},
});

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

bool runs(std::string_view command, std::string_view name) {
    return command.substr(0, command.find(' ')) == name;
}

} // namespace

std::string Topic::title() const {
    std::string_view markdown = embedded(path);
    std::string_view line = next_line(markdown);
    line.remove_prefix(std::min(line.size(), line.find_first_not_of("# ")));
    return point > 0 ? fmt::format("{}. {}", point, line) : std::string(line);
}

std::string_view Topic::text() const {
    std::string_view markdown = embedded(path);
    next_line(markdown);
    return markdown;
}

std::string Topic::command() const {
    static constexpr std::string_view start = "./run ";
    std::string_view markdown = text();
    bool code = false;
    while (!markdown.empty()) {
        std::string_view line = next_line(markdown);
        if (line.starts_with("```")) code = !code;
        if (!code || !line.starts_with(start)) continue;
        line = line.substr(start.size());
        line = line.substr(0, line.find(" #")); // its comment
        if (runs(line, name)) return std::string(line.substr(0, line.find_last_not_of(' ') + 1));
    }
    return "";
}

std::span<const Topic> topics() { return all; }

const Topic* find_topic(std::string_view name) {
    const auto found = std::ranges::find_if(all, [&](const Topic& topic) {
        return topic.name == name || (topic.point > 0 && fmt::to_string(topic.point) == name);
    });
    return found == all.end() ? nullptr : &*found;
}

std::string command_of(std::string_view exercise) {
    const Topic* topic = find_topic(exercise);
    return topic != nullptr && !topic->command().empty() ? topic->command() : std::string(exercise);
}

} // namespace mpworkshop::curriculum
