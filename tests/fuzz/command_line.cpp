// Every command line is accepted, or refused with a usage error in printable characters.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/cli/app.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/text/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Words end with a newline, which a shell's words rarely contain.
    std::vector<std::string> words = {"mpworkshop"};
    std::string word;
    for (std::size_t i = 0; i < size && words.size() < 20; ++i)
        if (data[i] == '\n')
            words.push_back(std::exchange(word, {}));
        else if (data[i] != 0)
            word += static_cast<char>(data[i]);
    if (!word.empty()) words.push_back(word);
    std::vector<const char*> argv;
    for (const std::string& each : words) argv.push_back(each.c_str());
    try {
        (void)mpworkshop::read_command_line(static_cast<int>(argv.size()), argv.data());
    } catch (const mpworkshop::UsageError& error) {
        for (const char c : mpworkshop::text::printable(error.what(), 1000))
            if (static_cast<unsigned char>(c) < ' ' && c != '\n') std::abort();
    }
    return 0;
}
