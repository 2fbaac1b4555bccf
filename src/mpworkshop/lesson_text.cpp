#include "mpworkshop/lesson_text.hpp"

#include <algorithm>

namespace mpworkshop::lesson_text {
namespace {

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

/// "### 11. map" -> "11. map"; empty for any other line.
std::string_view title(std::string_view line) {
    if (!line.starts_with("### ")) return {};
    line.remove_prefix(4);
    return !line.empty() && line[0] >= '0' && line[0] <= '9' ? line : std::string_view();
}

/// "./run map --count 5   # five" -> "map --count 5"; empty for any other line.
std::string command_in(std::string_view line) {
    static constexpr std::string_view start = "./run ";
    if (!line.starts_with(start)) return "";
    std::string_view command = line.substr(start.size());
    command = command.substr(0, command.find(" #"));
    return std::string(command.substr(0, command.find_last_not_of(' ') + 1));
}

bool runs(std::string_view command, std::string_view name) {
    return command.substr(0, command.find(' ')) == name;
}

} // namespace

std::vector<Section> sections(std::string_view readme) {
    std::vector<Section> sections;
    bool in_lessons = false, open = false, code = false;
    while (!readme.empty()) {
        const std::string_view line = next_line(readme);
        if (line.starts_with("```")) code = !code;
        if (!code && line.starts_with("## ")) in_lessons = line == "## The story";
        if (!in_lessons) continue;
        if (!code && line.starts_with("##")) {
            open = !title(line).empty();
            if (open) sections.push_back({.title = std::string(title(line))});
            continue;
        }
        if (!open) continue;
        (sections.back().text += line) += '\n';
        if (const std::string command = command_in(line); code && !command.empty())
            sections.back().commands.push_back(command);
    }
    return sections;
}

std::vector<Section> about(std::string_view name, const std::vector<Section>& sections) {
    const auto select = [&](auto matches) {
        std::vector<Section> selected;
        std::ranges::copy_if(sections, std::back_inserter(selected), matches);
        return selected;
    };
    std::vector<Section> found = select([&](const Section& section) {
        return !section.commands.empty() && runs(section.commands.front(), name);
    });
    if (!found.empty()) return found;
    return select([&](const Section& section) {
        return std::ranges::any_of(section.commands,
                                   [&](const std::string& command) { return runs(command, name); });
    });
}

std::string command(std::string_view name, const std::vector<Section>& sections) {
    for (const Section& section : about(name, sections))
        for (const std::string& command : section.commands)
            if (runs(command, name)) return command;
    return std::string(name);
}

std::string opening_comment(std::string_view source) {
    std::string comment;
    while (source.starts_with("//")) {
        std::string_view line = next_line(source);
        line.remove_prefix(line.starts_with("// ") ? 3 : 2);
        (comment += line) += '\n';
    }
    return comment;
}

} // namespace mpworkshop::lesson_text
