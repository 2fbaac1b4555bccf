#include "mpworkshop/report/markup.hpp"

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {

std::string escaped(std::string_view text, std::size_t longest) {
    std::string markup;
    for (const char c : text::printable(text, longest)) {
        switch (c) {
        case '&':
            markup += "&amp;";
            break;
        case '<':
            markup += "&lt;";
            break;
        case '>':
            markup += "&gt;";
            break;
        case '"':
            markup += "&quot;";
            break;
        case '\'':
            markup += "&#39;";
            break;
        default:
            markup += c;
        }
    }
    return markup;
}

} // namespace mpworkshop::report
