#include "mpworkshop/kit/prediction.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/question.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr double least_speedup = 1e-9, most_speedup = 1e9;
constexpr double most_seconds = 1e9;
constexpr int most_attempts = 3;

struct Limits {
    double least, most;
    const char* such_as;
};

Limits limits_of(Quantity quantity) {
    switch (quantity) {
    case Quantity::speedup:
        break;
    case Quantity::seconds:
        return {0, most_seconds, "2.5"};
    case Quantity::percent:
        return {0, 100, "50"};
    }
    return {least_speedup, most_speedup, "2"};
}

const char* unit_of(Quantity quantity) {
    switch (quantity) {
    case Quantity::speedup:
        break;
    case Quantity::seconds:
        return "s";
    case Quantity::percent:
        return "%";
    }
    return "times as fast";
}

/// What an answer means, for those who have not been asked before.
const char* explanation_of(Quantity quantity) {
    switch (quantity) {
    case Quantity::speedup:
        break;
    case Quantity::seconds:
        return "in seconds";
    case Quantity::percent:
        return "in percent, from 0 to 100";
    }
    return "2: half the time, 1: the same, 0.5: twice the time";
}

/// Two digits, as predictions have no more; thousands as 5,000.
std::string in_two_digits(double number) {
    if (number < 10) return fmt::format("{:.2g}", number);
    const double unit = std::pow(10, std::floor(std::log10(number)) - 1);
    return text::grouped(std::uint64_t(std::round(number / unit) * unit));
}

/// As a speedup is shown where it does not stand beside another one.
std::string speedup_in_words(double speedup) {
    if (const std::string faster = in_two_digits(speedup); speedup >= 1 || faster == "1")
        return faster == "1" ? "as fast" : faster + " times as fast";
    return in_two_digits(1 / speedup) + " times as slow";
}

std::string with_unit(Quantity quantity, double number) {
    switch (quantity) {
    case Quantity::speedup:
        break;
    case Quantity::seconds:
        return text::duration(number);
    case Quantity::percent:
        return fmt::format("{:.3g} %", number);
    }
    return speedup_in_words(number);
}

/// "It was 1.9 times", after "You said 2 times as fast".
std::string result_in_words(Quantity quantity, double said, double was) {
    constexpr std::string_view same_end = " as fast";
    std::string words = with_unit(quantity, was);
    const bool both_faster =
        with_unit(quantity, said).ends_with("times as fast") && words.ends_with("times as fast");
    if (quantity == Quantity::speedup && both_faster) words.resize(words.size() - same_end.size());
    return (quantity == Quantity::seconds ? "It took " : "It was ") + words;
}

std::optional<double> number_in(const std::string& answer, Quantity quantity) {
    const Limits limits = limits_of(quantity);
    try {
        return input::read_number("", answer, limits.least, limits.most, limits.such_as);
    } catch (const UsageError&) {
        return {};
    }
}

} // namespace

std::vector<input::Option> with_prediction(std::vector<input::Option> options,
                                           PredictionChoice& choice) {
    input::Option option{.name = "--predict",
                         .takes = "[X]",
                         .help = "asks what you expect before it runs, or takes your number",
                         .instead_of = {"--only"}}; // one way alone is compared with nothing
    option.read = [&choice](const std::vector<std::string>& given) {
        const Limits limits = limits_of(choice.quantity);
        choice.wanted = true;
        choice.said.reset();
        if (const std::string& text = given.back(); !text.empty())
            choice.said =
                input::read_number("--predict", text, limits.least, limits.most, limits.such_as);
    };
    option.value = [&choice] { return Value(choice.said); };
    options.push_back(std::move(option));
    return options;
}

Prediction::Prediction(std::string question, Quantity quantity, double said)
    : question_(std::move(question)), quantity_(quantity), said_(said) {}

void Prediction::came_out(double was, std::string because) {
    was_ = was;
    because_ = std::move(because);
}

void Prediction::cannot_be_told(std::string why) {
    was_.reset();
    because_ = std::move(why);
    while (because_.ends_with('.')) because_.pop_back();
}

std::string Prediction::in_words() const {
    const std::string said = "You said " + with_unit(quantity_, said_) + ". ";
    if (was_)
        return said + result_in_words(quantity_, said_, *was_) +
               (because_.empty() ? "." : ": " + because_ + ".");
    return because_.empty() ? "" : said + "What it was cannot be told: " + because_ + ".";
}

Value Prediction::value() const {
    return Value::object({{"question", question_},
                          {"unit", unit_of(quantity_)},
                          {"said", said_},
                          {"was", was_},
                          {"because", because_.empty() ? Value() : Value(because_)},
                          {"sentence", in_words()}});
}

void expect_answer_or_terminal(std::string_view asker, const PredictionChoice& choice) {
    if (choice.wanted && !choice.said && !sys::can_ask())
        throw UsageError(fmt::format("{}: --predict asks on the terminal, and there is none here; "
                                     "give the answer too, such as --predict {}",
                                     asker, limits_of(choice.quantity).such_as));
}

std::optional<Prediction> ask_for_prediction(std::string_view asker,
                                             const PredictionChoice& choice) {
    expect_answer_or_terminal(asker, choice);
    if (!choice.wanted) return {};
    if (choice.said) return Prediction(choice.question, choice.quantity, *choice.said);
    const std::string question =
        fmt::format("{} ({}) ", choice.question, explanation_of(choice.quantity));
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const std::optional<std::string> answer = sys::ask(question);
        if (!answer) break; // the end of what is typed
        if (const auto number = number_in(*answer, choice.quantity))
            return Prediction(choice.question, choice.quantity, *number);
    }
    throw UsageError(fmt::format("{}: --predict wants a number, such as {}", asker,
                                 limits_of(choice.quantity).such_as));
}

} // namespace mpworkshop::kit
