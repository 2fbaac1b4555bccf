// mpworkshop: a workshop on parallel programming that runs in a terminal.
//
//   app      reads the command line          exercises/   the lessons, one file each
//   runner   runs one exercise               report/      writes what came out: text or JSON
//   tools/   what stands around them         sys/         the operating system
//   input/   numbers, options, tables

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "mpworkshop/app.hpp"
#include "mpworkshop/error.hpp"
#include "mpworkshop/runner.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/text.hpp"

namespace {

using namespace mpworkshop;

/// Returns the exit code.
int carry_out(const Request& request) {
    int code = 0;
    if (const auto* exercise = std::get_if<ExerciseRequest>(&request))
        run_exercise(*exercise);
    else if (const auto* tool = std::get_if<ToolRequest>(&request))
        code = run_tool(*tool);
    else
        fmt::print("{}", std::get<TextRequest>(request).text);
    sys::finish_output();
    if (sys::caught_signal() != 0) throw mp::Interrupted(); // it came too late to stop anything
    return code;
}

int complain(const char* what, int code) {
    if (sys::caught_signal() != 0) sys::die_by_signal(sys::caught_signal()); // the cause of it all
    const std::string line = fmt::format("mpworkshop: error: {}\n", text::printable(what, 1000));
    (void)std::fputs(line.c_str(), stderr); // if that is closed, too, the code is all there is
    return code;
}

} // namespace

int main(int argc, char** argv) {
    sys::open_standard_streams();
    sys::send_whole_lines();
    try {
        sys::install_signal_handlers();
        return carry_out(read_command_line(argc, argv));
    } catch (const UsageError& error) {
        return complain(error.what(), 2);
    } catch (const mp::Interrupted&) {
        sys::die_by_signal(sys::caught_signal());
    } catch (const mp::WorkerDied& error) {
        return complain(
            (std::string(error.what()) + "; run it again, with -v to see what happens").c_str(), 1);
    } catch (const std::bad_alloc&) {
        return complain("out of memory; give fewer inputs or workers", 1);
    } catch (const std::system_error& error) {
        // fmt says "file" for whatever it prints to
        const std::string output = "cannot write the output: " + error.code().message();
        return complain(std::ferror(stdout) != 0 ? output.c_str() : error.what(), 1);
    } catch (const std::exception& error) {
        return complain(error.what(), 1);
    }
}
