#include "mpworkshop/input/option.hpp"

#include <fmt/format.h>
#include <mp/mp.hpp>

#include <algorithm>

#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::input {
namespace {

std::string_view what_is_wrong(Flaw flaw) {
    switch (flaw) {
    case Flaw::none:
        break;
    case Flaw::empty:
        return "is empty";
    case Flaw::not_a_number:
        return "is not a number";
    case Flaw::negative:
        return "is below zero";
    case Flaw::not_whole:
        return "is not a whole number";
    case Flaw::too_large:
        return "is too large";
    }
    return "is out of range";
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == at)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == text.npos ? std::string_view{}
                              : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The separate numbers of (1, 3), [1, 3] or 1,3: a Python tuple, a Python list, or neither.
std::vector<std::string> elements(std::string_view text) {
    text = without_blanks(text);
    for (const std::string_view brackets : {"()", "[]"})
        if (text.size() >= 2 && text.front() == brackets[0] && text.back() == brackets[1]) {
            text = text.substr(1, text.size() - 2);
            break;
        }
    std::vector<std::string> parts = split(text, ',');
    for (std::string& part : parts) part = std::string(without_blanks(part));
    return parts;
}

/// A limit as a person writes it: 2^53 rather than sixteen digits.
std::string limit(std::uint64_t number) {
    return number == largest_whole ? "2^53" : text::grouped(number);
}

std::string as_typed(const Value& value);

/// A value as it can be given on the command line; empty if it cannot.
struct AsTyped {
    std::string operator()(std::uint64_t number) const { return text::compact(number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& word) const { return word; }
    std::string operator()(const std::vector<double>& numbers) const {
        return fmt::format("{}", fmt::join(numbers, ","));
    }
    std::string operator()(const Value::List& values) const {
        std::string words;
        for (const Value& each : values) words += (words.empty() ? "" : " ") + as_typed(each);
        return words;
    }
    template <class Other> std::string operator()(const Other&) const { return ""; }
};

std::string as_typed(const Value& value) { return std::visit(AsTyped(), value.data()); }

} // namespace

std::string Option::shown() const { return name.substr(name.rfind(',') + 1); }

std::string Option::key() const {
    std::string key = shown();
    key.erase(0, key.find_first_not_of('-'));
    std::ranges::transform(key, key.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return key;
}

std::string Option::description() const {
    const std::string preset = !otherwise.empty() || flag || !value ? otherwise : as_typed(value());
    return preset.empty() ? help : fmt::format("{} (default: {})", help, preset);
}

Option otherwise(Option option, std::string words) {
    option.otherwise = std::move(words);
    return option;
}

Completion Option::completion() const {
    if (takes == "FILE") return Completion::file;
    if (takes == "DIR") return Completion::folder;
    return offers.empty() ? Completion::nothing : Completion::words;
}

std::uint64_t read_count(std::string_view name, std::string_view text, const Range& range) {
    Whole whole = whole_number(text);
    if (whole.flaw == Flaw::none && whole.value < range.least)
        throw UsageError(fmt::format("{}: {} is too small; give {} or more, such as {}", name,
                                     text::quoted(text), range.least, range.such_as));
    if (whole.flaw == Flaw::none && whole.value > range.most) whole.flaw = Flaw::too_large;
    if (whole.flaw != Flaw::none)
        throw UsageError(fmt::format("{}: {} {}; give a whole number from {} to {}, such as {}",
                                     name, text::quoted(text), what_is_wrong(whole.flaw),
                                     range.least, limit(range.most), range.such_as));
    return whole.value;
}

double read_number(std::string_view name, std::string_view text, double least, double most,
                   const char* such_as) {
    const auto number = finite_number(text);
    if (!number)
        throw UsageError(fmt::format("{}: {} is not a finite number; give one such as {}", name,
                                     text::quoted(text), such_as));
    if (*number < least || *number > most)
        throw UsageError(
            fmt::format("{}: {} is out of range; give a number from {} to {}, such as {}", name,
                        text::quoted(text), least, most, such_as));
    return *number;
}

Option count(std::string name, std::string help, std::uint64_t& target, Range range) {
    Option option{.name = std::move(name), .takes = "N", .help = std::move(help)};
    option.read = [shown = option.shown(), range, &target](const std::vector<std::string>& given) {
        target = read_count(shown, given.back(), range);
    };
    option.value = [&target] { return Value(target); };
    return option;
}

Option count(std::string name, std::string help, std::uint64_t& target, Range range,
             Unless unless) {
    Option option =
        otherwise(count(std::move(name), std::move(help), target, range), std::move(unless.words));
    option.value = [in_force = std::move(unless.given)] { return Value(in_force()); };
    return option;
}

Option counts(std::string name, std::string help, std::vector<std::uint64_t>& target, Range range) {
    Option option{.name = std::move(name), .help = std::move(help), .many = true};
    option.read = [shown = option.shown(), range, &target](const std::vector<std::string>& given) {
        target.clear();
        for (const std::string& text : given) target.push_back(read_count(shown, text, range));
    };
    option.value = [&target] { return Value(Value::List(target.begin(), target.end())); };
    return option;
}

Option number(std::string name, std::string help, double& target, double least, double most,
              const char* such_as) {
    Option option{.name = std::move(name), .takes = "X", .help = std::move(help)};
    option.read = [=, shown = option.shown(), &target](const std::vector<std::string>& given) {
        target = read_number(shown, given.back(), least, most, such_as);
    };
    option.value = [&target] { return Value(target); };
    return option;
}

Option numbers(std::string name, std::string help, std::vector<double>& target,
               const char* such_as) {
    Option option{.name = std::move(name), .takes = "X,X,...", .help = std::move(help)};
    option.read = [shown = option.shown(), such_as,
                   &target](const std::vector<std::string>& given) {
        target.clear();
        for (const std::string& text : elements(given.back()))
            target.push_back(read_number(shown, text, std::numeric_limits<double>::lowest(),
                                         std::numeric_limits<double>::max(), such_as));
    };
    option.value = [&target] { return Value(target); };
    return option;
}

Option choice(std::string name, std::string help, std::string& target,
              std::vector<std::string> words) {
    Option option{.name = std::move(name), .takes = "NAME", .help = std::move(help)};
    option.offers = words;
    option.read = [shown = option.shown(), words, &target](const std::vector<std::string>& given) {
        const std::string& word = given.back();
        if (std::ranges::find(words, word) == words.end())
            throw UsageError(fmt::format("{}: there is no {}; give one of {}{}", shown,
                                         text::quoted(word), fmt::join(words, ", "),
                                         did_you_mean(word, words)));
        target = word;
    };
    option.value = [&target] { return Value(target); };
    return option;
}

Option flag(std::string name, std::string help, bool& target) {
    Option option{.name = std::move(name), .help = std::move(help), .flag = true};
    option.read = [&target](const std::vector<std::string>&) { target = true; };
    option.value = [&target] { return Value(target); };
    return option;
}

Option word(std::string name, std::string takes, std::string help, std::string& target) {
    Option option{.name = std::move(name), .takes = std::move(takes), .help = std::move(help)};
    option.read = [&target](const std::vector<std::string>& given) { target = given.back(); };
    option.value = [&target] { return Value(target); };
    return option;
}

Option words(std::string name, std::string help, std::vector<std::string>& target) {
    Option option{.name = std::move(name), .help = std::move(help), .many = true};
    option.read = [&target](const std::vector<std::string>& given) { target = given; };
    option.value = [&target] { return Value(Value::List(target.begin(), target.end())); };
    return option;
}

Option file(std::string name, std::string help, std::string& target,
            std::vector<std::string> instead_of) {
    Option option{.name = std::move(name),
                  .takes = "FILE",
                  .help = std::move(help),
                  .instead_of = std::move(instead_of)};
    option.read = [shown = option.shown(), &target](const std::vector<std::string>& given) {
        target = given.back();
        if (target.empty())
            throw UsageError(shown + ": the name is empty; give a file, or - for standard input");
    };
    option.value = [&target] { return target.empty() ? Value() : Value(target); };
    return option;
}

Option pairs(std::string name, std::string help, std::vector<std::pair<double, double>>& target) {
    Option option{.name = std::move(name), .help = std::move(help), .many = true};
    option.read = [shown = option.shown(), &target](const std::vector<std::string>& given) {
        target.clear();
        for (const std::string& word : given) {
            const std::vector<std::string> parts = elements(word);
            const auto a = finite_number(parts.front());
            const auto b = finite_number(parts.back());
            if (parts.size() != 2 || !a || !b)
                throw UsageError(
                    fmt::format("{}: {} is not a pair of finite numbers; give two with a comma "
                                "between, such as 3,5",
                                shown, text::quoted(word)));
            target.emplace_back(*a, *b);
        }
    };
    option.value = [&target] { return as_value(target); };
    return option;
}

Value as_value(const std::vector<std::pair<double, double>>& pairs) {
    Value::List list;
    for (const auto& [a, b] : pairs) list.emplace_back(std::vector<double>{a, b});
    return list;
}

std::vector<Option> with_trace(std::vector<Option> options, TraceChoice& choice_) {
    options.push_back(flag("--timeline", "a chart of when each worker worked", choice_.timeline));
    options.push_back(file("--trace", "the same as a file for ui.perfetto.dev (Chrome trace JSON)",
                           choice_.file));
    return options;
}

unsigned PoolChoice::workers() const {
    if (over_ranks()) return mp::default_processes(backend);
    return processes == 0 ? mp::process_cpu_count() : static_cast<unsigned>(processes);
}

std::string PoolChoice::describe() const {
    if (backend == "serial") return "one worker that is this process";
    if (over_ranks()) return text::counted(workers(), "worker") + " over MPI";
    return text::counted(workers(), backend == "threads" ? "thread" : "process");
}

Option backend(std::string& target, bool over_ranks) {
    std::vector<std::string> names = mp::backend_names();
    if (over_ranks) names.emplace_back("mpi");
    return choice("--backend", fmt::format("the kind of workers: {}", fmt::join(names, ", ")),
                  target, names);
}

Option workers(PoolChoice& choice) {
    return count("-p,--processes", "number of workers", choice.processes,
                 {.most = 1'000'000, .such_as = "4"},
                 {[&choice] { return std::uint64_t{choice.workers()}; }, "the CPUs you may use"});
}

std::vector<Option> with_workers(std::vector<Option> options, PoolChoice& choice) {
    options.push_back(workers(choice));
    options.push_back(backend(choice.backend));
    return options;
}

std::vector<Option> with_pool(std::vector<Option> options, PoolChoice& choice) {
    options = with_workers(std::move(options), choice);
    options[options.size() - 2].otherwise =
        "the CPUs you may use; with --backend mpi: none, and N is per rank";
    options.back() = backend(choice.backend, true);
    options.push_back(file("--plugin", "the file of the backend mpi", choice.plugin));
    options.back().otherwise = "beside the program";
    options.back().useful = [&choice] { return choice.over_ranks(); };
    options.back().useful_with = "--backend mpi";
    options.push_back(count("--chunksize", "chunk size: inputs handed out at a time",
                            choice.chunksize, {.such_as = "10"}));
    options.back().otherwise = "the pool chooses";
    options.back().value = [&choice] {
        return choice.chunksize == 0 ? Value() : Value(choice.chunksize);
    };
    options.push_back(count("--retries", "how often an input is run again when its worker dies",
                            choice.retries, {.least = 0, .most = 1000, .such_as = "1"}));
    return with_trace(std::move(options), choice.trace);
}

} // namespace mpworkshop::input
