// mpworkshop: a workshop on parallel programming that runs in a terminal.
//
// A folder includes only those below it:
//
//   commands/    the tools around the lessons
//   benchmark/   times whole commands
//   cli/         reads the command line, runs one command
//   curriculum/  the order of the lessons, the story, what ran here
//   page/        the pages of report and gather, as HTML
//   record/      what ran here, kept from run to run
//   report/      writes what came out: text or JSON
//   exercises/   the lessons, one folder each
//   kit/         what the lessons use
//   sys/         the operating system
//   text/        words and numbers for people

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mp/ranks.hpp>
#include <new>
#include <string_view>
#include <system_error>

#include "mpworkshop/cli/app.hpp"
#include "mpworkshop/cli/runner.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace {

using namespace mpworkshop;

/// If other ranks do the work: the job that they and this process are in. It ends after the last
/// output.
std::unique_ptr<mp::Ranks> job_of(const Request& request) {
    const auto* command = std::get_if<CommandRequest>(&request);
    if (command == nullptr || command->plan.pool == nullptr) return nullptr;
    const input::PoolChoice& pool = *command->plan.pool;
    if (!pool.over_ranks()) return nullptr;
    return std::make_unique<mp::Ranks>(
        mp::RanksOptions{.backend = pool.backend,
                         .plugin = pool.plugin,
                         .processes = static_cast<unsigned>(pool.processes)});
}

/// Returns the exit code.
int carry_out(const Request& request) {
    int code = 0;
    if (const auto* command = std::get_if<CommandRequest>(&request))
        code = run_command(*command);
    else
        fmt::print("{}", std::get<TextRequest>(request).text);
    sys::finish_output();
    if (sys::caught_signal() != 0) throw mp::Interrupted(); // it came too late to stop anything
    return code;
}

/// With several ranks, rank 0 speaks for all. Launchers tell each rank its number before MPI can.
bool speaks() {
    for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"})
        if (const char* rank = std::getenv(name)) return std::string_view(rank) == "0";
    return true;
}

int tell(const char* what, int code) {
    if (!speaks()) {
        (void)sys::sleep_for(
            1); // a launcher ends all ranks when one has ended; the message must be out first
        return code;
    }
    const std::string words = fmt::format("mpworkshop: error: {}", text::printable(what, 1000));
    // One line for programs.
    const sys::Terminal terminal = sys::error_terminal();
    sys::tell(terminal.is_one ? text::paragraph(words, sys::text_width(terminal)) : words + "\n");
    return code;
}

constexpr const char* cpu_limit =
    "the CPU time that this process may use is spent; raise the limit (ulimit -t) or give less "
    "work";

[[noreturn]] void die_by_caught_signal() {
    const int signal = sys::caught_signal();
    if (signal == SIGXCPU) (void)tell(cpu_limit, 1); // others are sent by a person, who knows
    sys::die_by_signal(signal);
}

int complain(const std::string& what, int code) {
    if (sys::caught_signal() != 0) die_by_caught_signal(); // the cause of the error
    return tell(what.c_str(), code);
}

/// What to do about a worker that has died.
const char* advice(const mp::WorkerDied& error) {
    return error.exitcode() == -SIGXCPU
               ? "; raise the limit of CPU time (ulimit -t) or give less work"
               : "; run it again, with -v to see what happens";
}

/// What went wrong when the system refused something.
std::string explained(const std::system_error& error) {
    if (const std::string trouble = sys::output_trouble(); !trouble.empty()) return trouble;
    const std::string what = error.what();
    if (error.code() != std::errc::resource_unavailable_try_again) return what;
    return (what == error.code().message() ? "cannot start a thread: " + what : what) +
           "; raise the limit of processes (ulimit -u) or of memory (ulimit -v)";
}

} // namespace

int main(int argc, char** argv) {
    sys::open_standard_streams();
    sys::send_whole_lines();
    std::unique_ptr<mp::Ranks> ranks;
    try {
        sys::install_signal_handlers();
        const Request request = read_command_line(argc, argv);
        ranks = job_of(request);
        if (ranks && ranks->rank() != 0) return ranks->serve();
        return carry_out(request);
    } catch (const mp::RankLost& error) {
        return tell(error.what(), 1); // a launcher then ends all ranks, this one by a signal
    } catch (const UsageError& error) {
        return complain(error.what(), 2);
    } catch (const mp::Interrupted&) {
        die_by_caught_signal();
    } catch (const mp::WorkerDied& error) {
        return complain(std::string(error.what()) + advice(error), 1);
    } catch (const std::bad_alloc&) {
        return complain("out of memory; give less work, or raise the limit (ulimit -v)", 1);
    } catch (const std::system_error& error) {
        return complain(explained(error), 1);
    } catch (const std::exception& error) {
        return complain(error.what(), 1);
    }
}
