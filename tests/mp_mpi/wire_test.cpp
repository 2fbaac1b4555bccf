#include "mp_mpi/wire.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <mp/mp.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mp_mpi;

const Endpoint there{.rank = 3, .host = "n7"};

mp::detail::Packed packed(const std::string& text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

TEST(Wire, a_failure_arrives_with_its_texts_and_where_it_was) {
    Message message;
    try {
        throw std::range_error("three");
    } catch (...) {
        put_failures(message, {*current_note(5)});
    }
    Reader from(message);
    const std::vector<OwnedNote> failures = read_failures(from, there);
    ASSERT_EQ(failures.size(), 1U);
    try {
        std::rethrow_exception(mp::detail::error_of(*failures[0]));
    } catch (const mp::RemoteError& error) {
        EXPECT_STREQ(error.what(), "three");
        EXPECT_EQ(error.type_name(), "std::range_error");
        EXPECT_EQ(error.item(), 5U);
        EXPECT_EQ(error.pid(), mp::this_process::pid());
        EXPECT_EQ(error.rank(), 3);
        EXPECT_EQ(error.host(), "n7");
    }
}

TEST(Wire, a_failure_for_whose_texts_there_was_no_memory_says_so) {
    Message message;
    put_failures(message, {{.item = 1,
                            .pid = 2,
                            .fate = mp::detail::Fate::threw,
                            .status = 0,
                            .what_size = 10,
                            .type_size = 10,
                            .text = nullptr}});
    Reader from(message);
    const std::vector<OwnedNote> failures = read_failures(from, there);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0]->text, nullptr);
    EXPECT_EQ(failures[0]->rank, 3);
}

TEST(Wire, a_failure_longer_than_its_message_is_refused) {
    Message message;
    message.put(std::uint64_t{1});
    message.put(mp::detail::FailureNote{.item = 0,
                                        .pid = 0,
                                        .fate = mp::detail::Fate::threw,
                                        .status = 0,
                                        .what_size = ~std::size_t{0},
                                        .type_size = 2, // together 1
                                        .text = nullptr});
    message.put(1.5);
    Reader from(message);
    EXPECT_THROW(read_failures(from, there), std::length_error);
}

TEST(Wire, packed_values_arrive_and_what_is_missing_stays_as_it_is) {
    const std::string one = "one", none, long_one(1000, 'x');
    const std::vector<mp::detail::Packed> values = {
        packed(one), {}, packed(none), packed(long_one)};
    Message message;
    put_values(message, values.data(), 0, 0, values.size());
    std::vector<mp::detail::Packed> results(values.size());
    Reader from(message);
    read_results(from, results.data(), 0, 0, results.size());
    EXPECT_EQ(results[1].data, nullptr);
    for (const std::size_t i : {0U, 2U, 3U}) {
        ASSERT_NE(results[i].data, nullptr);
        ASSERT_EQ(results[i].size, values[i].size);
        EXPECT_EQ(std::memcmp(results[i].data, values[i].data, values[i].size), 0);
        delete[] results[i].data;
    }
}

TEST(Wire, items_can_be_copied_out_of_their_message) {
    const std::vector<int> numbers = {1, 2, 3};
    const std::string one = "one", two = "two";
    const std::vector<mp::detail::Packed> texts = {packed(one), packed(two)};
    Message message;
    put_values(message, numbers.data(), sizeof(int), 0, 3);
    put_values(message, texts.data(), 0, 0, 2);
    Reader from(message);
    Items flat = Items::read(from, sizeof(int), 3), table = Items::read(from, 0, 2);
    std::vector<int> numbers_copy(3);
    alignas(64) std::array<std::byte, 64> texts_copy{};
    flat.copy_to(reinterpret_cast<std::byte*>(numbers_copy.data()), sizeof(int) * 3);
    table.copy_to(texts_copy.data(), 0);
    std::memset(message.body(), 0, message.header().body);
    EXPECT_EQ(numbers_copy, numbers);
    EXPECT_EQ(flat.data, numbers_copy.data());
    const auto* copied = static_cast<const mp::detail::Packed*>(table.data);
    EXPECT_EQ(static_cast<const void*>(copied), texts_copy.data());
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_GE(copied[i].data, texts_copy.data() + 2 * sizeof(mp::detail::Packed));
        EXPECT_EQ(std::memcmp(copied[i].data, texts[i].data, 3), 0);
    }
}

TEST(Wire, statistics_and_spans_are_numbered_in_the_whole_pool) {
    mp::WorkerStats stats{.index = 1, .pid = 99, .items = 7, .restarts = 2};
    stats.busy_seconds = 0.5;
    stats.longest[0] = {0.25, 10, 3};
    const mp::WorkerStats read = from_wire(to_wire(stats, 4), there);
    EXPECT_EQ(read.index, 5U);
    EXPECT_EQ(read.rank, 3);
    EXPECT_EQ(read.host, "n7");
    EXPECT_EQ(read.pid, 99);
    EXPECT_EQ(read.items, 7U);
    EXPECT_EQ(read.restarts, 2U);
    EXPECT_EQ(read.busy_seconds, 0.5);
    EXPECT_EQ(read.longest[0].first, 10U);
    EXPECT_FALSE(read.cpu_seconds.has_value());
    stats.cpu_seconds = 0.25;
    EXPECT_EQ(from_wire(to_wire(stats, 4), there).cpu_seconds, 0.25);
    EXPECT_FALSE(from_wire(to_wire(stats, 4), there).ready_seconds.has_value());

    const mp::Span span{.worker = 1,
                        .pid = 99,
                        .begin_seconds = 1,
                        .end_seconds = 2,
                        .job = 6,
                        .first = 10,
                        .items = 3,
                        .chunks = 1};
    constexpr std::int64_t tick = 1'000'000'000;
    const mp::Span at = from_wire(to_wire(span, 4, 5 * tick), there, 4 * tick);
    EXPECT_EQ(at.worker, 5U);
    EXPECT_EQ(at.host, "n7");
    EXPECT_EQ(at.begin_seconds, 2);
    EXPECT_EQ(at.end_seconds, 3);
    EXPECT_EQ(at.job, 6U);
    EXPECT_EQ(at.items, 3U);
}

} // namespace
