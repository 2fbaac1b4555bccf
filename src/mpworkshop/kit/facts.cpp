#include "mpworkshop/kit/facts.hpp"

#include <fmt/args.h>
#include <fmt/format.h>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {

Fact Fact::count(std::string key, std::uint64_t number) {
    return {std::move(key), number, text::grouped(number)};
}

Fact Fact::seconds(std::string key, double seconds) {
    return {std::move(key), seconds, text::duration(seconds)};
}

Fact Fact::label(std::string text) { return {.shown = std::move(text)}; }

std::string line(std::string_view layout, const Facts& facts) {
    fmt::dynamic_format_arg_store<fmt::format_context> texts;
    for (const Fact& fact : facts)
        if (fact.shown) texts.push_back(*fact.shown);
    return fmt::vformat(layout, texts);
}

Value object(const Facts& facts) {
    Value object = Value::object({});
    for (const Fact& fact : facts)
        if (!fact.key.empty()) object.set(fact.key, fact.value);
    return object;
}

} // namespace mpworkshop::kit
