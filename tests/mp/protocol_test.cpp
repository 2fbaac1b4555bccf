// Claim, commit and park, run by threads over the same memory that processes share: what Thread
// Sanitizer can see.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mp/mp.hpp>
#include <numeric>
#include <ranges>
#include <thread>
#include <vector>

#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/scheduler.hpp"
#include "mp/scheduler/shared_state.hpp"
#include "mp/scheduler/worker_loop.hpp"

namespace {

using namespace mp::detail;

// A crew whose workers are threads, and a job that writes i + 1 to place i, plainly, without any
// atomic.
class Protocol : public testing::Test {
protected:
    explicit Protocol(unsigned workers = 4)
        : crew_({.processes = workers}, {nothing_, [] {}, [] { return mp::os::Deadline(); }}) {
        for (unsigned i = 0; i < workers; ++i)
            threads_.emplace_back([this, i] {
                const Surroundings around{[this] { crew_.doorbell().ring(); }, this};
                start_worker(crew_.board(), i, {}, around);
                serve(crew_.board(), i, around);
            });
    }
    ~Protocol() override {
        crew_.order_to_leave();
        for (std::thread& thread : threads_) thread.join();
    }

    void run(std::vector<int>& results, std::size_t chunksize) {
        std::ranges::fill(results, 0);
        const char nothing = 0;
        const mp::JobId id = crew_.post(mp::Job{.run =
                                                    [](const mp::Job& job, std::size_t first,
                                                       std::size_t last, mp::TaskContext& context) {
                                                        for (std::size_t i = first; i < last; ++i)
                                                            static_cast<int*>(job.results)[i] +=
                                                                static_cast<int>(i) + 1;
                                                        context.reach(last);
                                                    },
                                                .closure = &nothing,
                                                .closure_size = 1,
                                                .results = results.data(),
                                                .size = results.size(),
                                                .chunksize = chunksize});
        crew_.wait([&] { return crew_.finished(id); });
        crew_.finish(id);
    }

    std::vector<mp::os::Watched> nothing_;
    Crew crew_;
    std::vector<std::thread> threads_;
};

TEST_F(Protocol, each_item_runs_once_and_its_result_is_visible_to_the_owner) {
    for (std::size_t size : {1U, 2U, 5U, 300U, 5000U})
        for (std::size_t chunksize : {0U, 1U, 3U}) {
            std::vector<int> results(size);
            for (int round = 0; round < 30; ++round) {
                run(results, chunksize);
                for (std::size_t i = 0; i < size; ++i)
                    ASSERT_EQ(results[i], static_cast<int>(i) + 1);
            }
        }
}

TEST_F(Protocol, short_jobs_in_a_row_never_mix) {
    std::vector<int> results(3);
    for (int round = 0; round < 2000; ++round) {
        run(results, 1);
        ASSERT_EQ(results, (std::vector{1, 2, 3})) << round;
    }
}

TEST(Ranges, own_grains_come_from_the_low_end) {
    Cell cell{};
    cell.range = Range{3, 6}.word();
    for (std::uint32_t expected : {3U, 4U}) {
        EXPECT_EQ(take_own(cell, 1).low, expected);
        EXPECT_EQ(cell.base, expected);
    }
    EXPECT_EQ(take_own(cell, 7).word(), (Range{5, 6}.word()));
    EXPECT_TRUE(take_own(cell, 1).empty());
}

// A board without any worker, to play one by hand.
class ByHand : public testing::Test {
protected:
    ByHand() : memory_(new(std::align_val_t{line}) std::byte[Board::bytes(3)]()) {
        board_ = Board::make(memory_.get(), 3, 2);
    }
    struct Free {
        void operator()(std::byte* memory) const {
            ::operator delete[](memory, std::align_val_t{line});
        }
    };
    std::unique_ptr<std::byte[], Free> memory_;
    Board* board_;
};

TEST_F(ByHand, a_thief_takes_the_upper_half_and_leaves_no_note) {
    board_->cell(1, 2).range = Range{10, 20}.word();
    ASSERT_TRUE(steal(*board_, 1, 0));
    EXPECT_EQ(board_->cell(1, 0).range, (Range{15, 20}.word()));
    EXPECT_EQ(board_->cell(1, 0).base, 15U);
    EXPECT_EQ(board_->cell(1, 0).theft, 0U);
    EXPECT_EQ(board_->cell(1, 2).range, (Range{10, 15}.word()));
}

TEST_F(ByHand, the_last_grain_can_be_stolen_and_then_there_is_none) {
    board_->cell(1, 1).range = Range{7, 8}.word();
    ASSERT_TRUE(steal(*board_, 1, 0));
    EXPECT_EQ(board_->cell(1, 0).range, (Range{7, 8}.word()));
    EXPECT_TRUE(Range::of(board_->cell(1, 1).range).empty());
    board_->cell(1, 2).range = 0;
    board_->cell(1, 0).range = 0;
    board_->cell(1, 1).range = 0;
    EXPECT_FALSE(steal(*board_, 1, 1));
}

TEST_F(ByHand, nobody_falls_asleep_while_another_has_tasks_that_it_has_not_begun) {
    board_->queue_cell(1).range = Range{3, 5}.word();
    (void)wait_for_bell(*board_, 0, board_->bell, false); // returns, although nobody rings
    EXPECT_EQ(board_->sleepers, 0U);
    EXPECT_EQ(board_->dozers, 0U);
}

TEST(Ranges, every_grain_is_taken_exactly_once_under_contention) {
    constexpr unsigned workers = 4;
    constexpr std::uint32_t grains = 20'000;
    std::unique_ptr<std::byte[]> memory(new (std::align_val_t{line})
                                            std::byte[Board::bytes(workers)]());
    Board* board = Board::make(memory.get(), workers, 2);
    for (int round = 0; round < 5; ++round) {
        std::vector<std::atomic<int>> taken(grains);
        // All of it lies with one worker, so that the others live by theft.
        for (unsigned i = 0; i < workers; ++i)
            board->cell(1, i).range = Range{0, i == 0 ? grains : 0}.word();
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < workers; ++i)
            threads.emplace_back([&, i] {
                do
                    for (Range own; !(own = take_own(board->cell(1, i), 3)).empty();)
                        for (std::uint32_t grain = own.low; grain < own.high; ++grain)
                            ++taken[grain];
                while (steal(*board, 1, i));
            });
        for (std::thread& thread : threads) thread.join();
        for (std::uint32_t grain = 0; grain < grains; ++grain) ASSERT_EQ(taken[grain], 1) << grain;
    }
    ::operator delete[](memory.release(), std::align_val_t{line});
}

// The owner's bookkeeping of deaths. There are no workers: the test plays them, at the owner's
// first look at the board; at the later ones it plays one that takes what shall be run again.
struct Play {
    std::size_t chunksize = 1;
    unsigned retries = 0;
    std::size_t size = 10;
};

void finish(Board& board, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t grain = first; grain < last; ++grain)
        board.postings[0].flags[grain] = finished_grain;
}

// Runs what stands in the queue; which items that was.
std::string run_again(Board& board) {
    std::string ran;
    Queue& queue = board.queue;
    for (; queue.has_unclaimed(); ++queue.claimed) {
        mp::TaskSlot* task = queue.at(queue.claimed).exchange(nullptr);
        if (task == nullptr || task->done()) continue;
        const mp::Series& series = mp::Series::of(*task);
        ran += ", again " + std::to_string(series.next) + " to " + std::to_string(series.end - 1);
        const std::size_t grain = board.postings[0].grain;
        finish(board, static_cast<std::uint32_t>(series.next / grain),
               static_cast<std::uint32_t>((series.end - 1) / grain) + 1);
        task->state = static_cast<std::uint32_t>(mp::TaskState::finished);
    }
    return ran;
}

std::string outcome(Play how, void (*play)(Crew&, Board&)) {
    std::vector<mp::os::Watched> nothing;
    bool played = false;
    std::string again;
    Crew* playing = nullptr;
    Crew crew({.processes = 2, .retries = how.retries}, {nothing,
                                                         [&] {
                                                             if (!std::exchange(played, true))
                                                                 play(*playing, playing->board());
                                                             again += run_again(playing->board());
                                                             playing->doorbell().ring();
                                                         },
                                                         [] { return mp::os::Deadline(); }});
    playing = &crew;
    const char function = 0;
    const mp::JobId job = crew.post(mp::Job{
        .closure = &function, .closure_size = 1, .size = how.size, .chunksize = how.chunksize});
    crew.doorbell().ring();
    crew.wait([&] { return crew.finished(job); });
    try {
        crew.finish(job);
    } catch (const mp::WorkerDied& error) {
        return "lost " + std::to_string(error.item()) + again;
    }
    return "finished" + again;
}

void empty_ranges(Board& board) {
    board.cell(0, 0).range = 0;
    board.cell(0, 1).range = 0;
}

void die(Crew& crew, unsigned worker) { crew.worker_lost(worker, -9, mp::Fate::died); }

TEST(Deaths, who_dies_while_it_runs_an_item_loses_that_one) {
    EXPECT_EQ(outcome({},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = Range{1, 5}.word();
                          die(crew, 0);
                          EXPECT_EQ(board.cell(0, 0).range, (Range{1, 5}.word()));
                          finish(board, 1, 10);
                          empty_ranges(board);
                      }),
              "lost 0");
}

TEST(Deaths, the_item_is_run_again_as_often_as_is_allowed) {
    EXPECT_EQ(outcome({.retries = 1},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = Range{1, 5}.word();
                          die(crew, 0);
                          finish(board, 1, 10);
                          empty_ranges(board);
                      }),
              "finished, again 0 to 0");
}

TEST(Deaths, of_a_chunk_what_was_not_done_with_is_run_again_one_by_one) {
    EXPECT_EQ(outcome({.chunksize = 1000, .size = 4000},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = Range{1, 2}.word();
                          board.cell(0, 0).reached = 128;
                          die(crew, 0);
                          finish(board, 1, 4);
                          empty_ranges(board);
                      }),
              "finished, again 128 to 999");
}

TEST(Deaths, of_several_grains_those_that_were_not_begun_go_back) {
    EXPECT_EQ(outcome({.chunksize = 1000, .size = 40'000},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).base = 2;
                          board.cell(0, 0).range = Range{15, 20}.word();
                          board.cell(0, 0).reached = 3500;
                          finish(board, 0, 2);
                          die(crew, 0);
                          EXPECT_EQ(board.postings[0].flags[2], finished_grain);
                          EXPECT_EQ(board.postings[0].flags[3], open_grain);
                          EXPECT_EQ(board.cell(0, 0).range, (Range{8, 20}.word()));
                          finish(board, 8, 40);
                          empty_ranges(board);
                      }),
              "finished, again 3500 to 7999"); // 4096 items, to the end of their last grain
}

TEST(Deaths, who_dies_at_the_end_of_a_claim_has_done_it) {
    EXPECT_EQ(outcome({.chunksize = 10, .size = 40},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = Range{2, 2}.word();
                          board.cell(0, 0).reached = 20;
                          die(crew, 0);
                          EXPECT_EQ(board.postings[0].flags[1], finished_grain);
                          finish(board, 2, 4);
                          empty_ranges(board);
                      }),
              "finished");
}

TEST(Deaths, where_an_earlier_claim_came_to_says_nothing_of_this_one) {
    EXPECT_EQ(outcome({.chunksize = 10, .size = 40},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).base = 1;
                          board.cell(0, 0).range = Range{2, 2}.word();
                          board.cell(0, 0).reached = 40; // it had stolen the end first
                          finish(board, 0, 1);
                          die(crew, 0);
                          finish(board, 2, 4);
                          empty_ranges(board);
                      }),
              "finished, again 10 to 19");
}

TEST(Deaths, who_dies_between_two_grains_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = Range{2, 5}.word();
                          finish(board, 0, 2);
                          die(crew, 0);
                          finish(board, 2, 10);
                          empty_ranges(board);
                      }),
              "finished");
}

TEST(Deaths, who_dies_before_it_took_any_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Crew& crew, Board& board) {
                          die(crew, 0);
                          die(crew, 1);
                          finish(board, 0, 10);
                          empty_ranges(board);
                      }),
              "finished");
}

TEST(Deaths, stolen_grains_that_are_in_no_range_are_run_after_all) {
    EXPECT_EQ(outcome({},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = 0;
                          // Announced, and taken from the victim, but not brought home.
                          board.cell(0, 0).theft = Range{7, 10}.word();
                          board.cell(0, 1).range = Range{6, 7}.word();
                          die(crew, 0);
                          finish(board, 0, 7);
                          board.cell(0, 1).range = 0;
                      }),
              "finished, again 7 to 7, again 8 to 8, again 9 to 9");
}

TEST(Deaths, who_dies_before_its_theft_succeeds_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Crew& crew, Board& board) {
                          board.cell(0, 0).range = 0;
                          board.cell(0, 0).theft = Range{7, 10}.word();
                          die(crew, 0);
                          finish(board, 0, 10); // the victim had them all the time
                          board.cell(0, 1).range = 0;
                      }),
              "finished");
}

} // namespace
