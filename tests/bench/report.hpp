#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace bench {

/// The line above the table, of the same width: 79 columns.
std::string table_head();

/// A workload's lines in the table, one for each peer. `result`: from run_apart.
std::string table_lines(const nlohmann::ordered_json& result);

/// A sentence that sums up the bars of all results.
std::string verdict(const nlohmann::ordered_json& results);

} // namespace bench
