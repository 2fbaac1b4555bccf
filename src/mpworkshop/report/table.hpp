#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/input/value.hpp"

namespace mpworkshop::report {

/// The kind of numbers in a column, and so how they are shown.
enum class Unit { none, seconds, share, ratio };

struct Column {
    std::string key;   ///< for programs, with the unit: "median_s"
    std::string title; ///< for people: "median"
    Unit unit = Unit::none;
};

/// Results in rows; a null is an empty cell. All writers write this.
struct Table {
    std::vector<Column> columns = {};
    std::vector<std::vector<Value>> rows = {};

    /// Only these columns, in this order. Errors: std::out_of_range for an unknown key.
    Table only(const std::vector<std::string_view>& keys) const;
};

/// A cell for people: "1.02 s", "98 %", "1.96", "-" for null.
std::string shown(const Value& cell, Unit unit);

/// Columns side by side, numbers aligned to the right; if `width` is too small, a block of lines
/// for each row.
std::string text(const Table& table, std::size_t width);

/// Source: RFC 4180, with
///  instead of \r
/// , which spreadsheets accept: keys, then exact numbers in seconds and shares of 1; a null is an
/// empty field.
std::string csv(const Table& table);

/// A table in GitHub's Markdown: titles, and cells for people.
std::string markdown(const Table& table);

/// Rows as objects by key, exact: [{"run": "pi-serial 1e9", "median_s": 0.51}].
Value as_value(const Table& table);

} // namespace mpworkshop::report
