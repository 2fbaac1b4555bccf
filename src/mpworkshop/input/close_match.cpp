#include "mpworkshop/input/close_match.hpp"

#include <algorithm>
#include <vector>

namespace mpworkshop::input {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the table: a swap looks two rows back.
    std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min(
                {last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before = last;
        last = row;
    }
    return last[b.size()];
}

std::string close_match(std::string_view word, std::span<const std::string> candidates) {
    std::string best;
    std::size_t nearest = word.size() / 3 + 2; // a third of the letters, plus one, may be wrong
    if (word.size() > 64) return best;
    for (const std::string& candidate : candidates) {
        // Typing only the beginning of a name counts as one wrong letter.
        const bool begins = word.size() >= 3 && candidate.starts_with(word);
        const std::size_t distance = begins ? 1 : edit_distance(word, candidate);
        if (distance < nearest && distance < candidate.size()) nearest = distance, best = candidate;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
    const std::string match = close_match(word, candidates);
    return match.empty() ? "" : "; did you mean " + match + "?";
}

} // namespace mpworkshop::input
