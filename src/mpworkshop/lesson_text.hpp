#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The story of the workshop, as the README tells it, and the lessons' own words.
namespace mpworkshop::lesson_text {

/// One point of the story.
struct Section {
    std::string title;                      ///< "11. map"
    std::string text = {};                  ///< Markdown, without the title
    std::vector<std::string> commands = {}; ///< those of its code blocks, without "./run "
};

/// The sections "### N. Title" of "## The story", in order.
std::vector<Section> sections(std::string_view readme);

/// Those that are about the exercise `name`: it is their first command, or, where it is first in
/// none, they hold it.
std::vector<Section> about(std::string_view name, const std::vector<Section>& sections);

/// The first command of those sections that runs `name`; the name alone if there is none.
std::string command(std::string_view name, const std::vector<Section>& sections);

/// The comment at the top of a lesson, without its slashes.
std::string opening_comment(std::string_view source);

} // namespace mpworkshop::lesson_text
