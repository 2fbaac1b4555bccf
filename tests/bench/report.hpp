#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace bench {

/// The line above the table, as wide as it is: 79 columns.
std::string table_head();

/// A workload's lines in the table, one for each peer. `result`: of run_apart.
std::string table_lines(const nlohmann::ordered_json& result);

/// What the bars of all results add up to, in one sentence.
std::string verdict(const nlohmann::ordered_json& results);

} // namespace bench
