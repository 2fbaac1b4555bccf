#include "mp/future.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>

#include "mp/error.hpp"

namespace mp::detail {

SubmittedTask::SubmittedTask(Core& core, TaskSlot& task) : core_(&core), task_(&task) {
    try {
        core.submit(task);
    } catch (...) {
        give_up();
        throw;
    }
}

bool SubmittedTask::cancel() noexcept {
    return task_->status.try_cancel() || core_->executor().stop(*task_);
}

Job SubmittedTask::finish() {
    if (task_->status.get() != TaskState::finished) throw Cancelled();
    const TaskItems items = task_->type->items(*task_);
    if (items.failures[0] != nullptr)
        std::rethrow_exception(take_error(core_->executor(), items.failures[0]));
    return items.job;
}

void SubmittedTask::give_up() noexcept {
    Core* const core = std::exchange(core_, nullptr);
    if (core != nullptr && core->is_mine()) core->tasks().drop(*task_);
}

PostedJob::PostedJob(Core& core, const Job& job, std::shared_ptr<void> items)
    : core_(&core), job_(job), items_(std::move(items)) {
    if (job.size == 0) return;
    if (job.results == nullptr) {
        const std::size_t each = stored_size(job.result_size);
        if (job.size > static_cast<std::size_t>(-1) / 2 / each)
            throw std::length_error(
                "mp::Pool: the results need more memory than there are addresses");
        results_ = core.backend().allocate(job.size * each);
        job_.results = results_.get();
    }
    clear_results(job_);
    id_ = core.post(job_);
    posted_ = true;
}

bool PostedJob::done() const noexcept { return !posted_ || core_->executor().finished(id_); }

bool PostedJob::cancel() noexcept {
    if (done()) return false;
    core_->executor().cancel(id_);
    core_->executor().stop(id_);
    return true;
}

Job PostedJob::finish() {
    if (posted_.exchange(false)) core_->executor().finish(id_);
    return job_;
}

void PostedJob::give_up() noexcept {
    if (id_ == 0 || !core_->is_mine()) return;
    if (posted_) call_off();
    release_results(core_->executor(), job_, 0, job_.size);
}

void PostedJob::call_off() noexcept {
    Executor& executor = core_->executor();
    const auto over = [this] { return done(); };
    try {
        executor.cancel(id_);
        if (!executor.wait(over, std::chrono::steady_clock::now() + grace)) {
            executor.stop(id_);
            (void)executor.wait(over, std::nullopt);
        }
        executor.finish(id_);
    } catch (...) { // the result was abandoned, so nothing reports its error
        if (!done()) core_->backend().terminate();
    }
}

} // namespace mp::detail
