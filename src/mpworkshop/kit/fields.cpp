#include "mpworkshop/kit/fields.hpp"

#include <fmt/args.h>
#include <fmt/format.h>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {

Field Field::count(std::string key, std::uint64_t number) {
    return {std::move(key), number, text::grouped(number)};
}

Field Field::seconds(std::string key, double seconds) {
    return {std::move(key), seconds, text::duration(seconds)};
}

Field Field::label(std::string text) { return {.shown = std::move(text)}; }

std::string line(std::string_view layout, const Fields& fields) {
    fmt::dynamic_format_arg_store<fmt::format_context> texts;
    for (const Field& field : fields)
        if (field.shown) texts.push_back(*field.shown);
    return fmt::vformat(layout, texts);
}

Value object(const Fields& fields) {
    Value object = Value::object({});
    for (const Field& field : fields)
        if (!field.key.empty()) object.set(field.key, field.value);
    return object;
}

} // namespace mpworkshop::kit
