#include "mpworkshop/log.hpp"

#include <mp/mp.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace mpworkshop {

void log_to_stderr() {
    // Without colour: a log is kept in files and read with grep. One write per line, by the sink.
    spdlog::set_default_logger(spdlog::stderr_logger_mt("mp"));
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
