#include "mpworkshop/practice/hints.hpp"

namespace mpworkshop::practice {
namespace {

/// Takes the code in the other language out.
std::string without_code(std::string text, std::string_view other) {
    const std::string fence = "```" + std::string(other) + "\n";
    for (std::size_t at = 0; (at = text.find(fence, at)) != text.npos;) {
        const std::size_t end = text.find("```\n", at + fence.size());
        text.erase(at, end == text.npos ? text.npos : end + 4 - at);
    }
    return text;
}

} // namespace

std::vector<std::string> hints_of(const Task& task, Language language) {
    const char* other = language == Language::cpp ? "python" : "cpp";
    std::vector<std::string> hints;
    std::string_view text = task.text("hints.md");
    for (std::size_t begin = text.find("## "); begin != text.npos;) {
        const std::size_t line = text.find('\n', begin);
        const std::size_t next = text.find("\n## ", line);
        const std::size_t end = next == text.npos ? next : next + 1;
        hints.push_back(without_code(std::string(text.substr(line + 1, end - line - 1)), other));
        begin = end;
    }
    return hints;
}

} // namespace mpworkshop::practice
