#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
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

    const Data& data() const { return data_; }

private:
    Data data_ = nullptr;
};

inline Value Value::object(Object members) { return Value(std::move(members)); }

inline void Value::set(std::string name, Value value) {
    if (!std::holds_alternative<Object>(data_)) data_ = Object{};
    std::get<Object>(data_).emplace_back(std::move(name), std::move(value));
}

} // namespace mpworkshop
