#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mpworkshop::curriculum {

/// One text of the workshop: a point of its story, or another topic.
struct Topic {
    unsigned point;        ///< its number in the story; 0 if it has none
    std::string_view name; ///< its name in `explain`: the name of its exercise, if it has one
    std::string_view path; ///< of its Markdown file, which is embedded

    /// "3. Mutual exclusion"; only the title if it has no number.
    std::string title() const;
    /// Its Markdown below the title.
    std::string_view text() const;
    /// The first command in it that runs the exercise of its name, without "./run "; empty if there
    /// is none.
    std::string command() const;
};

/// All of them in the order of the story.
std::span<const Topic> topics();

/// The topic with that name or number: "mutex", "3"; null if there is none.
const Topic* find_topic(std::string_view name);

/// The command with which to run an exercise first: that of its topic, or only its name.
std::string command_of(std::string_view exercise);

} // namespace mpworkshop::curriculum
