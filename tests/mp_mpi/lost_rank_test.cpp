#include "mp_mpi/lost_rank.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>

namespace {

using mp_mpi::describe_loss, mp_mpi::LivenessPolicy, mp_mpi::RankEnd;

constexpr std::int64_t noon = 1'000'000, patience = LivenessPolicy::patience_ns;
constexpr RankEnd killed{.rank = 2}, sent_away{.rank = 2, .goodbye = SIGTERM};

TEST(LivenessPolicy, an_end_without_a_goodbye_is_a_loss_at_once) {
    EXPECT_TRUE(LivenessPolicy().is_loss(killed, false, noon));
    EXPECT_TRUE(LivenessPolicy().is_loss(killed, true, noon)); // also while all are being ended
}

TEST(LivenessPolicy, a_goodbye_is_a_loss_only_when_the_own_signal_is_overdue) {
    LivenessPolicy policy;
    EXPECT_FALSE(policy.is_loss(sent_away, false, noon));
    EXPECT_FALSE(policy.is_loss(sent_away, false, noon + patience - 1));
    EXPECT_TRUE(policy.is_loss(sent_away, false, noon + patience));
}

TEST(LivenessPolicy, after_an_interrupt_a_goodbye_is_never_a_loss) {
    LivenessPolicy policy;
    EXPECT_FALSE(policy.is_loss(sent_away, false, noon));
    EXPECT_FALSE(policy.is_loss(sent_away, true, noon + 10 * patience));
}

TEST(LivenessPolicy, patience_begins_with_the_first_of_several) {
    LivenessPolicy policy;
    EXPECT_FALSE(policy.is_signal_late(false, noon)); // like a process that has sent no message
    EXPECT_TRUE(policy.is_loss(sent_away, false, noon + patience));
}

TEST(DescribeLostRank, it_says_who_where_why_and_how_much_was_finished) {
    EXPECT_EQ(describe_loss(killed, "n7", "", 3, 10),
              "mp: rank 2 on host n7 is gone: its process has ended; 3 of 10 items were finished");
    EXPECT_EQ(describe_loss(sent_away, "n7", "", 0, 1),
              "mp: rank 2 on host n7 is gone: signal 15 ended its process; 0 of 1 item was "
              "finished");
    EXPECT_EQ(describe_loss({.rank = 1, .unreachable = true}, "n7", "", 0, 0),
              "mp: rank 1 on host n7 is gone: the host does not answer; no work was in progress");
    EXPECT_EQ(describe_loss(killed, "n7", "out of memory", 0, 0),
              "mp: rank 2 on host n7 is gone: out of memory; no work was in progress");
    EXPECT_EQ(describe_loss({.rank = 0}, "n7", "", 0, 2),
              "mp: the process of the workers of rank 0 on host n7 has ended; 0 of 2 items were "
              "finished");
}

} // namespace
