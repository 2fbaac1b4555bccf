#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/input/option.hpp"
#include "mpworkshop/input/value.hpp"

/// What people expect of a run before it, and what came of it. A learner who has said a number
/// looks at the result in another way.
namespace mpworkshop::kit {

/// What is predicted, and so its unit.
enum class Quantity {
    speedup, ///< "times as fast"; 0.5 is two times as slow
    seconds, ///< of the whole run
    percent
};

/// --predict, as it was given.
struct PredictionChoice {
    std::string question = {}; ///< one, without its unit: "How many times as fast is the pool?"
    Quantity quantity = Quantity::speedup;
    bool wanted = false;
    std::optional<double> said = {}; ///< on the command line
};

/// --predict, added to a command's own options.
std::vector<input::Option> with_prediction(std::vector<input::Option> options,
                                           PredictionChoice& choice);

/// What was said before a run, and what was measured in it.
class Prediction {
public:
    Prediction(std::string question, Quantity quantity, double said);

    Quantity quantity() const { return quantity_; }
    /// The measured value, and, where it explains more, why it is so: "starting the pool took 2
    /// ms".
    void came_out(double was, std::string because = {});
    /// The measurement says nothing: why. A result that is withheld is withheld here, too.
    void cannot_be_told(std::string why);

    /// "You said 2 times as fast. It was 1.9 times."; empty where the run was cut short.
    std::string in_words() const;
    /// {question, unit, said, was, because, sentence}; `was` is null where it cannot be told.
    Value value() const;

private:
    std::string question_;
    Quantity quantity_;
    double said_;
    std::optional<double> was_ = {};
    std::string because_ = {};
};

/// For a command that has something to do before it asks. Errors: UsageError, in the name of the
/// subcommand, where ask_for_prediction() would have to ask and there is no terminal.
void expect_answer_or_terminal(std::string_view asker, const PredictionChoice& choice);

/// Asks on the terminal, unless the answer was given on the command line; nothing where it is not
/// wanted. Blocks: until there is an answer. Errors: UsageError, in the name of the subcommand that
/// asks, where there is no terminal or no answer; mp::Interrupted.
std::optional<Prediction> ask_for_prediction(std::string_view asker,
                                             const PredictionChoice& choice);

} // namespace mpworkshop::kit
