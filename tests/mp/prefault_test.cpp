// What a worker maps before a chunk runs, and the results that it makes.

#include "mp/scheduler/prefault.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <mp/mp.hpp>
#include <ranges>

#include "mp/os/memory.hpp"

namespace {

constexpr std::size_t page_count = 4096;

long page_faults() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

// A sanitizer's own memory would be touched as well.
__attribute__((no_sanitize("address", "thread"))) long faults_of_writing(std::byte* data) {
    const long before = page_faults();
    for (std::size_t i = 0; i < page_count; ++i)
        static_cast<volatile std::byte*>(data)[i * mp::os::page_size()] = std::byte{1};
    return page_faults() - before;
}

class Prefault : public testing::Test {
protected:
    Prefault() : memory_(mp::os::reserve_shared(page_count * mp::os::page_size())) {}
    ~Prefault() override { munmap(memory_.data, memory_.size); }
    void SetUp() override {
        const mp::os::Reservation other = mp::os::reserve_shared(memory_.size);
        const long usual = faults_of_writing(other.data);
        const bool can =
            madvise(other.data, mp::os::page_size(), 23 /* MADV_POPULATE_WRITE */) == 0;
        munmap(other.data, other.size);
        if (!can) GTEST_SKIP() << "this kernel cannot map pages before they are used";
        if (usual < long(page_count) / 2)
            GTEST_SKIP() << "this kernel maps several pages at a page fault, or counts none";
    }

    mp::detail::Job job_with_results() const {
        return {.results = memory_.data, .result_size = 8, .size = memory_.size / 8};
    }

    mp::os::Reservation memory_;
    mp::detail::Prefault prefault_;
};

// A function may leave most of a large item alone, and pages that are not touched cost no memory.
TEST_F(Prefault, maps_nothing_of_items_that_are_larger_than_a_page) {
    const std::size_t large = 16 * mp::os::page_size();
    const mp::detail::Job job{
        .results = memory_.data, .result_size = large, .size = memory_.size / large};
    prefault_.map(job, 0, job.size);
    EXPECT_GT(faults_of_writing(memory_.data), long(page_count) / 2);
}

TEST_F(Prefault, saves_the_page_faults_of_results) {
    const mp::detail::Job job = job_with_results();
    prefault_.map(job, 0, job.size);
    EXPECT_LT(faults_of_writing(memory_.data), long(page_count) / 8);
}

TEST_F(Prefault, maps_what_was_not_mapped_before) {
    const mp::detail::Job job = job_with_results();
    prefault_.map(job, job.size / 4, job.size / 2);
    prefault_.map(job, 0, job.size);
    EXPECT_LT(faults_of_writing(memory_.data), long(page_count) / 8);
}

TEST_F(Prefault, leaves_what_is_not_in_the_chunk_alone) {
    const mp::detail::Job job = job_with_results();
    prefault_.map(job, job.size / 4, job.size / 2);
    EXPECT_GT(faults_of_writing(memory_.data), long(page_count) / 2);
}

TEST_F(Prefault, leaves_packed_values_where_they_are) {
    mp::detail::Job job = job_with_results();
    job.result_size = 0;
    prefault_.map(job, 0, job.size);
    EXPECT_GT(faults_of_writing(memory_.data), long(page_count) / 2);
}

TEST(LargeResults, are_the_right_ones) {
    mp::Pool pool(2);
    const long long count = 5'000'000; // 40 MB
    const auto squares = pool.map([](long long i) { return i * i; }, std::views::iota(0LL, count));
    ASSERT_EQ(squares.size(), std::size_t(count));
    for (long long i = 0; i < count; ++i) ASSERT_EQ(squares[std::size_t(i)], i * i);
}

struct Constant {
    const int value;
};

TEST(Results, may_be_of_a_type_that_cannot_be_assigned) {
    mp::Pool pool(2);
    const auto results = pool.map([](int i) { return Constant{i}; }, {1, 2, 3});
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(results[2].value, 3);
}

TEST(Results, may_be_truth_values) {
    mp::Pool pool(2);
    EXPECT_EQ(pool.map([](int i) { return i > 1; }, {1, 2, 3}),
              (std::vector<bool>{false, true, true}));
}

} // namespace
