#include "mp_mpi/sent_chunks.hpp"

#include <gtest/gtest.h>

#include <mp/mp.hpp>

namespace {

using mp_mpi::SentChunks;

TEST(SentChunks, each_is_found_by_its_ticket_in_any_order) {
    SentChunks sent;
    EXPECT_TRUE(sent.empty());
    const auto one = sent.add({.first = 1}), two = sent.add({.first = 2});
    EXPECT_NE(one, two);
    EXPECT_EQ(sent.take(one).first, 1U);
    const auto three = sent.add({.first = 3});
    EXPECT_NE(three, two);
    EXPECT_FALSE(sent.empty());
    EXPECT_EQ(sent.take(two).first, 2U);
    EXPECT_EQ(sent.take(three).first, 3U);
    EXPECT_TRUE(sent.empty());
}

TEST(SentChunks, a_task_is_found_until_it_has_come_back) {
    mp::detail::TaskSlot task{}, other{};
    SentChunks sent;
    static_cast<void>(sent.add({.first = 1}));
    const auto ticket = sent.add({.task = &task});
    EXPECT_EQ(sent.ticket_of(task), ticket);
    EXPECT_EQ(sent.ticket_of(other), std::nullopt);
    static_cast<void>(sent.take(ticket));
    EXPECT_EQ(sent.ticket_of(task), std::nullopt);
}

} // namespace
