#include "mpworkshop/sys/signals.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <mp/mp.hpp>

#include "mpworkshop/sys/file.hpp"
#include "support/folder.hpp"

using namespace mpworkshop;

namespace {

struct Pipe {
    int ends[2] = {-1, -1};
    Pipe() { EXPECT_EQ(::pipe(ends), 0); }
    ~Pipe() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
};

/// Runs in a separate process, because the handlers are permanent: a signal, then the given
/// function.
template <class Then> [[noreturn]] void after_a_signal(Then then) {
    sys::install_signal_handlers();
    std::raise(SIGINT);
    std::_Exit(then() ? 0 : 1);
}

} // namespace

TEST(WaitToRead, returns_for_what_has_come_and_for_the_end) {
    Pipe pipe;
    ASSERT_EQ(::write(pipe.ends[1], "x", 1), 1);
    EXPECT_TRUE(sys::wait_to_read(pipe.ends[0]));
    char byte = 0;
    ASSERT_EQ(::read(pipe.ends[0], &byte, 1), 1);
    ::close(pipe.ends[1]);
    EXPECT_TRUE(sys::wait_to_read(pipe.ends[0]));
    pipe.ends[1] = -1;
}

TEST(WaitToRead, does_not_begin_after_a_signal) {
    const auto waits = [] {
        Pipe pipe;
        return !sys::wait_to_read(pipe.ends[0]);
    };
    EXPECT_EXIT(after_a_signal(waits), testing::ExitedWithCode(0), "");
}

TEST(ReadAll, gives_up_on_a_fifo_that_nobody_writes_to_for_a_signal) {
    const support::Folder folder;
    const std::string path = folder.file("fifo");
    ASSERT_EQ(::mkfifo(path.c_str(), S_IRUSR | S_IWUSR), 0);
    const auto reads = [&] {
        try {
            sys::read_all(path);
            return false;
        } catch (const mp::Interrupted&) {
            return true;
        }
    };
    EXPECT_EXIT(after_a_signal(reads), testing::ExitedWithCode(0), "");
}
