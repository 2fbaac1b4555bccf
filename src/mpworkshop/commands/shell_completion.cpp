#include "mpworkshop/commands/shell_completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace mpworkshop::commands {
namespace {

using input::Option;
using Options = std::vector<Option>;

bool is_positional(const Option& option) { return !option.name.starts_with('-'); }

/// "-p", "--processes".
std::vector<std::string> spellings(const Option& option) {
    const std::size_t comma = option.name.find(',');
    if (comma == option.name.npos) return {option.name};
    return {option.name.substr(0, comma), option.name.substr(comma + 1)};
}

std::vector<std::string> subcommand_names(const CommandLineSpec& spec) {
    std::vector<std::string> names;
    std::ranges::transform(spec.subcommands, std::back_inserter(names), &SubcommandSpec::name);
    return names;
}

/// All spellings of the options that are not positionals.
std::vector<std::string> option_names(std::span<const Option> options) {
    std::vector<std::string> names;
    for (const Option& option : options)
        if (!is_positional(option)) std::ranges::move(spellings(option), std::back_inserter(names));
    return names;
}

/// The possible values of a subcommand's positionals.
std::vector<std::string> offered_positionals(const SubcommandSpec& subcommand) {
    std::vector<std::string> words;
    for (const Option& option : subcommand.options)
        if (is_positional(option)) std::ranges::copy(option.offers, std::back_inserter(words));
    return words;
}

// ---- bash

/// The statement that completes the value of an option.
std::string bash_value(const Option& option) {
    switch (option.completion()) {
    case input::Completion::file:
        return "kind=-f";
    case input::Completion::folder:
        return "kind=-d";
    case input::Completion::words:
        return fmt::format("offers='{}'", fmt::join(option.offers, " "));
    case input::Completion::nothing:
        break;
    }
    return "return";
}

/// The cases of `case "$subcommand $previous"` for some options; `where` is a pattern.
std::string bash_value_cases(std::string_view where, std::span<const Option> options) {
    std::string cases;
    for (const Option& option : options) {
        if (is_positional(option) || option.flag) continue;
        std::vector<std::string> patterns;
        for (const std::string& name : spellings(option))
            patterns.push_back(fmt::format("{}' {}'", where, name));
        cases += fmt::format("  {}) {} ;;\n", fmt::join(patterns, " | "), bash_value(option));
    }
    return cases;
}

// ---- zsh

/// Text inside [brackets] of an argument of _arguments, within single quotes.
std::string zsh_text(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\'') {
            escaped += "'\\''";
            continue;
        }
        if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

/// ":description:completion".
std::string zsh_value(const Option& option) {
    const std::string what = option.takes.empty() ? option.name : option.takes;
    switch (option.completion()) {
    case input::Completion::file:
        return fmt::format(":{}:_files", what);
    case input::Completion::folder:
        return fmt::format(":{}:_files -/", what);
    case input::Completion::words:
        return fmt::format(":{}:({})", what, fmt::join(option.offers, " "));
    case input::Completion::nothing:
        break;
    }
    return fmt::format(":{}: ", what);
}

std::string zsh_argument(const Option& option) {
    if (is_positional(option))
        return fmt::format("'{}{}'", option.many ? "*" : "", zsh_value(option));
    const std::vector<std::string> names = spellings(option);
    const std::string rest = fmt::format("[{}]{}", zsh_text(option.help),
                                         option.flag ? std::string() : zsh_value(option));
    if (names.size() == 1) return fmt::format("'{}{}{}'", names[0], option.flag ? "" : "=", rest);
    std::vector<std::string> equal; // --name=value, but -n value
    equal.reserve(names.size());
    for (const std::string& name : names)
        equal.push_back(name + (option.flag ? "" : name.starts_with("--") ? "=" : "+"));
    return fmt::format("'({})'{{{}}}'{}'", fmt::join(names, " "), fmt::join(equal, ","), rest);
}

std::string zsh_arguments(std::span<const Option> options) {
    std::string words;
    for (const Option& option : options) words += " \\\n        " + zsh_argument(option);
    return words;
}

// ---- fish

/// A word in single quotes.
std::string fish_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

std::string fish_option(std::string_view condition, const Option& option) {
    std::string line = fmt::format("complete -c mpworkshop -n {}", fish_quoted(condition));
    if (!is_positional(option))
        for (const std::string& name : spellings(option))
            line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.flag) {
        switch (option.completion()) {
        case input::Completion::file:
            line += " -r -F";
            break;
        case input::Completion::folder:
            line += " -x -a '(__fish_complete_directories)'";
            break;
        case input::Completion::words:
            line += is_positional(option) ? " -a " : " -x -a ";
            line += fish_quoted(fmt::format("{}", fmt::join(option.offers, " ")));
            break;
        case input::Completion::nothing:
            line += " -x";
            break;
        }
    }
    return line + " -d " + fish_quoted(option.help) + "\n";
}

} // namespace

std::string bash_completion(const CommandLineSpec& spec) {
    std::string values = bash_value_cases("*", spec.options), words;
    for (const SubcommandSpec& subcommand : spec.subcommands) {
        values += bash_value_cases(fmt::format("'{}'", subcommand.name), subcommand.options);
        words += fmt::format("    {})\n      offers='{}' options='{}' ;;\n", subcommand.name,
                             fmt::join(offered_positionals(subcommand), " "),
                             fmt::join(option_names(subcommand.options), " "));
    }
    const std::vector<std::string> names = subcommand_names(spec);
    return fmt::format(
        R"(# Completion of mpworkshop for bash, as `mpworkshop completion bash` prints it.
_mpworkshop() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local word subcommand='' kind='' offers='' options=''
  COMPREPLY=()
  # The = of --option=value is a word of its own here.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD - 1}}"; do
    case $word in {0}) subcommand=$word && break ;; esac
  done
  case "$subcommand $previous" in
{1}  *)
    case $subcommand in
    '') offers='{2}' ;;
{3}    esac
    [[ $current != -* && -n $offers ]] || offers="$options {4}"
    ;;
  esac
  if [[ -n $kind ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen "$kind" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$offers" -- "$current")
  fi
}}
complete -F _mpworkshop mpworkshop
)",
        fmt::join(names, " | "), values, fmt::join(names, " "), words,
        fmt::join(option_names(spec.options), " "));
}

std::string zsh_completion(const CommandLineSpec& spec) {
    std::string names, cases;
    for (const SubcommandSpec& subcommand : spec.subcommands) {
        names += fmt::format("      '{}:{}'\n", subcommand.name, zsh_text(subcommand.summary));
        cases += fmt::format("    {})\n      _arguments $common{} ;;\n", subcommand.name,
                             zsh_arguments(subcommand.options));
    }
    return fmt::format(R"(#compdef mpworkshop
# Completion of mpworkshop for zsh, as `mpworkshop completion zsh` prints it.
_mpworkshop() {{
  local curcontext=$curcontext state line
  local -a common=({0})
  local -a names=(
{1}  )
  _arguments -C $common '1:subcommand:->subcommand' '*::argument:->argument'
  case $state in
  subcommand) _describe subcommand names ;;
  argument)
    case $line[1] in
{2}    esac ;;
  esac
}}
if [[ $funcstack[1] == _mpworkshop ]]; then
  _mpworkshop "$@"
else
  compdef _mpworkshop mpworkshop
fi
)",
                       zsh_arguments(spec.options), names, cases);
}

std::string fish_completion(const CommandLineSpec& spec) {
    const std::string names = fmt::format("{}", fmt::join(subcommand_names(spec), " "));
    std::string lines = fmt::format(
        "# Completion of mpworkshop for fish, as `mpworkshop completion fish` prints it.\n"
        "complete -c mpworkshop -f\n");
    const std::string none = "not __fish_seen_subcommand_from " + names;
    for (const SubcommandSpec& subcommand : spec.subcommands) {
        lines += fmt::format("complete -c mpworkshop -n '{}' -a {} -d {}\n", none, subcommand.name,
                             fish_quoted(subcommand.summary));
        for (const Option& option : subcommand.options)
            if (!is_positional(option) || !option.offers.empty())
                lines += fish_option("__fish_seen_subcommand_from " + subcommand.name, option);
    }
    for (const Option& option : spec.options) lines += fish_option("true", option);
    return lines;
}

} // namespace mpworkshop::commands
