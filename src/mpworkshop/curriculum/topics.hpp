#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mpworkshop::curriculum {

/// One text of the workshop: a point of its story, or what stands beside the points.
struct Topic {
    unsigned point;        ///< its number in the story; 0 where it has none
    std::string_view name; ///< what `explain` calls it: an exercise's name where it is about one
    std::string_view path; ///< of its Markdown, which is embedded

    /// "3. Mutual exclusion"; without a point the title alone.
    std::string title() const;
    /// Its Markdown below the title.
    std::string_view text() const;
    /// The first command in it that runs the exercise of its name, without "./run "; empty if there
    /// is none.
    std::string command() const;
};

/// All of them in the order of the story.
std::span<const Topic> topics();

/// The one of that name, or of that point: "mutex", "3"; null if there is none.
const Topic* find_topic(std::string_view name);

/// The command with which to run an exercise first: that of its topic, or its name alone.
std::string command_of(std::string_view exercise);

} // namespace mpworkshop::curriculum
