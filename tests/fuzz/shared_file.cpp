// A shared file of anyone, and a record: read whole or refused in words, and shown as text.

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "mpworkshop/page/class_page.hpp"
#include "mpworkshop/page/run_page.hpp"

namespace {

/// Text that no page writes itself: it would come from the file, unescaped.
void expect_escaped(std::string_view html) {
    for (const char* never : {"<script", "<img", "<a href=\"h", "onerror=\"", "http-equiv=\"r"})
        if (html.find(never) != html.npos) std::abort();
    for (const char c : html)
        if (static_cast<unsigned char>(c) < ' ' && c != '\n') std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace page = mpworkshop::page;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    page::Class all;
    all.add(text, "file.json");
    if (all.participants().size() + all.left_out().size() != 1) std::abort();
    expect_escaped(all.page());
    mpworkshop::record::Record record;
    mpworkshop::record::read_lines(text, record);
    if (!record.lines.empty()) expect_escaped(page::run_page(record));
    return 0;
}
