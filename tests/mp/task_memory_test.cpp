// TaskMemory: when a task's memory is reused, and when it is released.

#include <gtest/gtest.h>
#include <memory>
#include <mp/mp.hpp>
#include <utility>
#include <vector>

#include "mp/task_memory.hpp"

namespace {

using namespace mp::detail;

// Counts what has been allocated and not released.
class CountingBackend final : public Backend {
public:
    std::shared_ptr<void> allocate(std::size_t bytes) override {
        std::shared_ptr<void> memory = inner_->allocate(bytes);
        allocated_.push_back(memory);
        return memory;
    }
    std::size_t allocations() const {
        std::size_t living = 0;
        for (const auto& each : allocated_) living += each.expired() ? 0 : 1;
        return living;
    }

    unsigned processes() const override { return 1; }
    Executor& executor() noexcept override { return inner_->executor(); }
    bool visible(const void*, std::size_t) const override { return true; }
    std::vector<mp::WorkerStats> stats() const override { return {}; }
    std::vector<mp::Span> trace() override { return {}; }
    void close() noexcept override {}
    void terminate() noexcept override {}
    void join() override {}

private:
    std::unique_ptr<Backend> inner_ = make_backend("serial", {});
    std::vector<std::weak_ptr<void>> allocated_;
};

// Its items hold no memory.
constexpr TaskType no_items = {
    .run = [](TaskSlot&, TaskContext&) {},
    .items = [](TaskSlot&) { return TaskItems{.job = {}, .failures = nullptr}; }};

class TaskMemoryTest : public testing::Test {
protected:
    TaskSlot& take(std::size_t bytes) {
        TaskSlot& task = memory.take(bytes);
        task.type = &no_items;
        return task;
    }
    TaskSlot& take_running(std::size_t bytes) {
        TaskSlot& task = take(bytes);
        task.status.reset(TaskState::open);
        EXPECT_TRUE(task.status.try_begin(0));
        return task;
    }

    CountingBackend backend;
    TaskMemory memory{backend};
};

TEST_F(TaskMemoryTest, a_dropped_task_that_has_not_begun_is_used_again) {
    TaskSlot& task = take(100);
    task.status.reset(TaskState::open);
    memory.drop(task);
    EXPECT_EQ(&take(100), &task);
    EXPECT_EQ(task.status.get(), TaskState::cancelled);
}

TEST_F(TaskMemoryTest, a_dropped_task_that_is_running_is_used_again_once_it_is_done) {
    TaskSlot& task = take_running(100);
    memory.drop(task);
    EXPECT_NE(&take(100), &task);
    task.status.finish(TaskState::finished);
    memory.collect_done();
    EXPECT_EQ(&take(100), &task);
}

TEST_F(TaskMemoryTest, what_a_large_task_takes_goes_back_once_it_is_done) {
    constexpr std::size_t large = std::size_t{1} << 20;
    TaskSlot& task = take_running(large);
    EXPECT_NE(memory_of(task), reinterpret_cast<std::byte*>(&task));
    memory_of(task)[large - 1] = std::byte{1};
    const std::size_t with_it = backend.allocations();
    memory.drop(task);
    EXPECT_EQ(backend.allocations(), with_it);
    task.status.finish(TaskState::finished);
    memory.collect_done();
    EXPECT_EQ(backend.allocations(), with_it - 1);
}

TEST_F(TaskMemoryTest, the_slot_of_a_large_task_serves_a_small_one) {
    TaskSlot& task = take(std::size_t{1} << 20);
    memory.drop(task);
    TaskSlot& small = take(sizeof(TaskSlot));
    EXPECT_EQ(&small, &task);
    EXPECT_EQ(memory_of(small), reinterpret_cast<std::byte*>(&small));
}

} // namespace
