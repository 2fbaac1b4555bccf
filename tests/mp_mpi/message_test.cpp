#include "mp_mpi/message.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <mp/mp.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "mp_mpi/remote_job.hpp"
#include "mp_mpi/wire.hpp"

namespace {

using mp_mpi::Header, mp_mpi::Message, mp_mpi::Reader;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();

TEST(Message, a_body_that_no_memory_can_hold_is_refused) {
    for (const std::uint64_t body :
         {largest, largest - 63, largest - 64, largest / 2 + 1, largest / 2 - 63}) {
        Message come; // as another rank may send it
        come.header().body = body;
        EXPECT_THROW(static_cast<void>(come.size()), std::length_error) << body;
    }
}

TEST(Message, room_that_no_memory_has_is_refused) {
    for (const std::size_t size : {largest, largest - 62, largest / 2 + 1}) {
        Message message;
        EXPECT_THROW(message.reserve(size), std::length_error) << size;
        EXPECT_THROW(message.add(size), std::length_error) << size;
        EXPECT_EQ(message.size(), sizeof(Header));
        message.put(1.5);
        EXPECT_THROW(message.add(size - sizeof(double)), std::length_error) << size;
        EXPECT_EQ(Reader(message).get<double>(), 1.5);
    }
}

// Each product overflows to zero, or to a small number, in 64 bits.
TEST(Message, values_whose_bytes_overflow_are_refused) {
    constexpr std::size_t half = std::size_t{1} << 32, count = std::size_t{1} << 61;
    std::vector<double> values(4);
    Message message;
    EXPECT_THROW(mp_mpi::put_values(message, values.data(), half, 0, half), std::length_error);
    EXPECT_THROW(mp_mpi::put_values(message, values.data(), 8, 0, count), std::length_error);
    EXPECT_THROW(mp_mpi::put_values(message, values.data(), 8, 0, count + 1), std::length_error);
    message.put(1.5);
    Reader from(message);
    EXPECT_THROW(mp_mpi::Items::read(from, half, half), std::length_error);
    EXPECT_THROW(mp_mpi::Items::read(from, 8, count), std::length_error);
    EXPECT_THROW(mp_mpi::Items::read(from, 8, count + 1), std::length_error);
    EXPECT_THROW(mp_mpi::read_results(from, values.data(), half, 0, half), std::length_error);
    EXPECT_THROW(mp_mpi::read_results(from, values.data(), 8, 0, count + 1), std::length_error);
    EXPECT_EQ(from.get<double>(), 1.5);
}

// Much memory would be allocated before the missing bytes were noticed.
TEST(Message, more_parts_than_it_can_hold_are_refused_at_once) {
    constexpr std::uint32_t many = std::numeric_limits<std::uint32_t>::max();
    Message message;
    message.put(1.5);
    Reader from(message);
    EXPECT_THROW(mp_mpi::Items::read(from, 0, largest), std::runtime_error);
    EXPECT_THROW(mp_mpi::Items::read(from, 0, many), std::runtime_error);
    EXPECT_THROW(mp_mpi::read_results(from, nullptr, 0, 0, many), std::runtime_error);
    Message failures;
    failures.put(std::uint64_t{many});
    Reader counted(failures);
    EXPECT_THROW(mp_mpi::read_failures(counted, {}), std::runtime_error);
    Message open;
    open.put(mp_mpi::Opening{.first_worker = 0,
                             .workers = 1,
                             .maxtasksperchild = 0,
                             .retries = 0,
                             .task_timeout_ns = 0,
                             .initializer = 0,
                             .closure_size = 0,
                             .objects = many,
                             .trace = 0});
    EXPECT_THROW(mp_mpi::RemotePool::read(open), std::runtime_error);
}

TEST(Message, a_packed_value_longer_than_its_message_is_refused) {
    Message message;
    message.put(std::uint64_t{1000});
    message.put(1.5);
    Reader items(message), results(message);
    EXPECT_THROW(mp_mpi::Items::read(items, 0, 1), std::runtime_error);
    mp::detail::Packed result{};
    EXPECT_THROW(mp_mpi::read_results(results, &result, 0, 0, 1), std::runtime_error);
    EXPECT_EQ(result.data, nullptr);
}

TEST(Message, what_was_put_is_read) {
    std::vector<int> values(100);
    std::iota(values.begin(), values.end(), 0);
    Message message;
    message.put(1.5);
    mp_mpi::put_values(message, values.data(), sizeof(int), 10, 50);
    Reader from(message);
    EXPECT_EQ(from.get<double>(), 1.5);
    std::vector<int> read(100);
    mp_mpi::read_results(from, read.data(), sizeof(int), 10, 50);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(read[static_cast<std::size_t>(i)], i < 10 || i >= 60 ? 0 : i);
    EXPECT_THROW(from.take(1), std::runtime_error);
}

} // namespace
