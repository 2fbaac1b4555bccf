#include "mpworkshop/cli/log.hpp"

#include <mp/mp.hpp>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string_view>

#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

/// One write for each message; on a terminal wrapped, elsewhere a line for grep.
class ErrorSink final : public spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        const std::string_view words(line.data(), line.size());
        if (terminal_.is_one)
            sys::tell(text::fitted(words, sys::text_width(terminal_)));
        else
            sys::tell(words);
    }
    void flush_() override {}

    const sys::Terminal terminal_ = sys::error_terminal();
};

} // namespace

void log_to_stderr() {
    // Without color: logs are kept in files and searched with grep.
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("mp", std::make_shared<ErrorSink>()));
    spdlog::set_pattern("%H:%M:%S.%f %n %l: %v");
    spdlog::set_level(spdlog::level::debug);
    mp::set_log_hook([](mp::LogLevel level, std::string_view message) {
        spdlog::log(level == mp::LogLevel::debug  ? spdlog::level::debug
                    : level == mp::LogLevel::info ? spdlog::level::info
                                                  : spdlog::level::warn,
                    message);
    });
}

} // namespace mpworkshop
