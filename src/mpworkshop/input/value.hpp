#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mpworkshop {

/// A value that an exercise passes to the reports: null, Boolean, number, text, list, or named
/// values in order.
class Value {
public:
    using List = std::vector<Value>;
    using Member = std::pair<std::string, Value>;
    using Object = std::vector<Member>;
    using Data = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double,
                              std::string, std::vector<double>, List, Object>;

    Value() = default;
    Value(bool truth) : data_(truth) {}
    template <std::signed_integral T> Value(T number) : data_(std::int64_t{number}) {}
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    Value(T number) : data_(std::uint64_t{number}) {}
    Value(double number) : data_(number) {}
    Value(const char* text) : data_(std::string(text)) {}
    Value(std::string text) : data_(std::move(text)) {}
    Value(std::vector<double> numbers) : data_(std::move(numbers)) {}
    Value(List list) : data_(std::move(list)) {}
    Value(Object object) : data_(std::move(object)) {}
    template <class T> Value(const std::optional<T>& maybe) {
        if (maybe) *this = Value(*maybe);
    }

    /// Named values: Value::object({{"steps", 10}, {"pi", 3.14}}).
    static Value object(Object members);
    /// Adds a named value to an object; a null becomes an object.
    void set(std::string name, Value value);
    /// Adds a value to a list; what is no list becomes one.
    void push_back(Value value);

    const Data& data() const { return data_; }

    /// The value of that name; null where this is no object or has none.
    const Value* find(std::string_view name) const;
    /// A number of any kind; empty for all else.
    std::optional<double> number() const;
    /// Empty for what is no text.
    std::string_view text() const;
    /// Empty for what is no list. A list of numbers is one, too.
    List list() const;
    bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }

private:
    Data data_ = nullptr;
};

inline Value Value::object(Object members) { return Value(std::move(members)); }

inline void Value::set(std::string name, Value value) {
    if (!std::holds_alternative<Object>(data_)) data_ = Object{};
    std::get<Object>(data_).emplace_back(std::move(name), std::move(value));
}

inline void Value::push_back(Value value) {
    if (!std::holds_alternative<List>(data_)) data_ = List{};
    std::get<List>(data_).push_back(std::move(value));
}

inline const Value* Value::find(std::string_view name) const {
    if (const auto* members = std::get_if<Object>(&data_))
        for (const auto& [key, value] : *members)
            if (key == name) return &value;
    return nullptr;
}

inline std::optional<double> Value::number() const {
    if (const auto* number = std::get_if<double>(&data_)) return *number;
    if (const auto* number = std::get_if<std::int64_t>(&data_)) return double(*number);
    if (const auto* number = std::get_if<std::uint64_t>(&data_)) return double(*number);
    return std::nullopt;
}

inline std::string_view Value::text() const {
    const auto* text = std::get_if<std::string>(&data_);
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

inline Value::List Value::list() const {
    if (const auto* list = std::get_if<List>(&data_)) return *list;
    if (const auto* numbers = std::get_if<std::vector<double>>(&data_))
        return List(numbers->begin(), numbers->end());
    return {};
}

} // namespace mpworkshop
