#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace mpworkshop {

/// What a bare `mpworkshop` says.
std::string concise_help();

/// The long help: subcommands first, then options, no line wider than 80 columns.
class Help : public CLI::Formatter {
public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

} // namespace mpworkshop
