#include "mpworkshop/report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

template <class T> const T* get(const Value& value) { return std::get_if<T>(&value.data()); }

bool is_text(const Value& value) { return get<std::string>(value) != nullptr; }

/// A value for programs, exact; empty for a null.
std::string plain(const Value& cell) {
    if (const auto* words = get<std::string>(cell)) return *words;
    if (const auto* number = get<double>(cell)) return fmt::format("{}", *number);
    if (const auto* number = get<std::uint64_t>(cell)) return fmt::format("{}", *number);
    if (const auto* number = get<std::int64_t>(cell)) return fmt::format("{}", *number);
    if (const auto* truth = get<bool>(cell)) return *truth ? "true" : "false";
    return {};
}

std::string quoted_for_csv(std::string field) {
    if (field.find_first_of(",\"\r\n") == field.npos) return field;
    for (std::size_t at = field.find('"'); at != field.npos; at = field.find('"', at + 2))
        field.insert(at, 1, '"');
    return '"' + field + '"';
}

std::string escaped_for_markdown(std::string field) {
    for (std::size_t at = field.find('|'); at != field.npos; at = field.find('|', at + 2))
        field.insert(at, 1, '\\');
    return field;
}

/// The rows as shown, the titles first.
std::vector<std::vector<std::string>> all_shown(const Table& table) {
    std::vector<std::vector<std::string>> rows(1);
    for (const Column& column : table.columns) rows.front().push_back(column.title);
    for (const auto& row : table.rows) {
        auto& words = rows.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i)
            words.push_back(shown(row[i], table.columns[i].unit));
    }
    return rows;
}

std::vector<bool> texts(const Table& table) {
    std::vector<bool> left(table.columns.size());
    for (std::size_t i = 0; i < left.size(); ++i)
        left[i] = std::ranges::any_of(table.rows, [i](const auto& row) { return is_text(row[i]); });
    return left;
}

std::string without_trailing_blanks(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// "run      pi-serial 1e9": a line for each cell with a value.
std::string cell_lines(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
    std::size_t margin = 0;
    for (const std::string& title : rows.front()) margin = std::max(margin, title.size() + 2);
    std::string lines;
    for (std::size_t row = 1; row < rows.size(); ++row) {
        if (row > 1) lines += "\n";
        for (std::size_t i = 0; i < rows[row].size(); ++i) {
            if (rows[row][i] == "-" || rows[row][i].empty()) continue;
            std::string title = rows.front()[i];
            const std::size_t room = width > margin + 8 ? width - margin : 8;
            for (const std::string& line : text::wrapped(rows[row][i], room)) {
                lines += fmt::format("{:<{}}{}\n", title, margin, line);
                title.clear();
            }
        }
    }
    return lines;
}

} // namespace

Table Table::only(const std::vector<std::string_view>& keys) const {
    Table some;
    some.rows.resize(rows.size());
    for (const std::string_view key : keys) {
        const auto found = std::ranges::find(columns, key, &Column::key);
        if (found == columns.end())
            throw std::out_of_range("there is no column " + std::string(key));
        some.columns.push_back(*found);
        for (std::size_t i = 0; i < rows.size(); ++i)
            some.rows[i].push_back(rows[i][std::size_t(found - columns.begin())]);
    }
    return some;
}

std::string shown(const Value& cell, Unit unit) {
    const auto* number = get<double>(cell);
    if (get<std::nullptr_t>(cell) != nullptr) return "-";
    if (number == nullptr) return plain(cell);
    switch (unit) {
    case Unit::seconds:
        return text::duration(*number);
    case Unit::share: {
        const double percent = *number * 100;
        // No "-0.0 %": that is zero.
        return percent > -0.05 && percent < 0.05
                   ? "0.0 %"
                   : fmt::format("{:.{}f} %", percent, percent > -10 && percent < 10 ? 1 : 0);
    }
    case Unit::ratio:
        return fmt::format("{:.2f}", *number);
    case Unit::none:
        break;
    }
    return plain(cell);
}

std::string text(const Table& table, std::size_t width) {
    const auto rows = all_shown(table);
    const std::vector<bool> left = texts(table);
    std::vector<std::size_t> widths(table.columns.size());
    std::size_t sum = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        for (const auto& row : rows) widths[i] = std::max(widths[i], row[i].size());
        sum += widths[i] + (i > 0 ? 2 : 0);
    }
    if (sum >= width) return cell_lines(rows, width - 1);
    std::string lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += (i > 0 ? "  " : "") + (left[i] ? fmt::format("{:<{}}", row[i], widths[i])
                                                   : fmt::format("{:>{}}", row[i], widths[i]));
        lines += without_trailing_blanks(line);
    }
    return lines;
}

std::string csv(const Table& table) {
    std::string lines;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        lines += (i > 0 ? "," : "") + quoted_for_csv(table.columns[i].key);
    lines += "\n";
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            lines += (i > 0 ? "," : "") + quoted_for_csv(plain(row[i]));
        lines += "\n";
    }
    return lines;
}

std::string markdown(const Table& table) {
    const std::vector<bool> left = texts(table);
    std::string lines;
    const auto rows = all_shown(table);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (const std::string& field : rows[row])
            lines += "| " + escaped_for_markdown(field) + " ";
        lines += "|\n";
        if (row > 0) continue;
        for (const bool is_left : left) lines += is_left ? "|:--" : "|--:";
        lines += "|\n";
    }
    return lines;
}

Value as_value(const Table& table) {
    Value::List rows;
    for (const auto& row : table.rows) {
        Value::Object object;
        for (std::size_t i = 0; i < row.size(); ++i)
            object.emplace_back(table.columns[i].key, row[i]);
        rows.emplace_back(std::move(object));
    }
    return rows;
}

} // namespace mpworkshop::report
