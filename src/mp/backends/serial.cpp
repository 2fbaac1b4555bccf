#include <new>
#include <optional>

#include "mp/backends/backends.hpp"
#include "mp/backends/record.hpp"
#include "mp/error.hpp"
#include "mp/failure.hpp"
#include "mp/interrupt.hpp"
#include "mp/os/child.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

std::shared_ptr<void> allocate_here(std::size_t bytes) {
    constexpr std::align_val_t alignment{64};
    return {::operator new(bytes, alignment),
            [](void* data) { ::operator delete(data, std::align_val_t{64}); }};
}

namespace {

// Makes this thread worker 0 for as long as a job runs on it.
class AsWorker {
public:
    explicit AsWorker(const Backend* backend) { set_worker(0, backend); }
    ~AsWorker() { set_worker(0, nullptr); }
};

class Context final : public TaskContext {
public:
    explicit Context(std::vector<std::unique_ptr<std::byte[]>>& results) : results_(results) {}
    std::byte* allocate(std::size_t bytes) override {
        return results_.emplace_back(std::make_unique<std::byte[]>(bytes)).get();
    }
    void failed(std::size_t item) noexcept override {
        if (first_) return;
        Failure failure = current_failure();
        first_.emplace(failure.what, failure.type_name, item, os::current_pid());
    }
    void throw_first() const {
        if (first_) throw RemoteError(*first_);
    }

private:
    std::vector<std::unique_ptr<std::byte[]>>& results_;
    std::optional<RemoteError> first_;
};

class SerialBackend final : public Backend {
public:
    explicit SerialBackend(const BackendOptions& options)
        : record_(options.trace ? std::make_unique<ChunkRecord>() : nullptr) {
        AsWorker worker(this);
        Context context(results_);
        times_.asked_ns = times_.began_ns = made_ns_;
        try {
            options.initializer();
        } catch (...) {
            context.failed(0);
        }
        times_.ready_ns = now_ns();
        context.throw_first();
    }

    std::shared_ptr<void> allocate(std::size_t bytes) override { return allocate_here(bytes); }
    bool visible(const void*, std::size_t) const override { return true; }

    void run(const Job& job) override {
        results_.clear();
        AsWorker worker(this);
        Context context(results_);
        ChunkTimer timer(times_, record_.get(), ++jobs_, os::current_pid());
        const std::size_t step = job.chunksize != 0 ? job.chunksize : 1;
        for (std::size_t first = 0; first < job.size; first += step) {
            if (interrupted()) throw Interrupted();
            const std::size_t last = step < job.size - first ? first + step : job.size;
            job.run(job, first, last, context);
            timer.ran(first, last - first);
        }
        timer.report();
        context.throw_first();
    }

    void collected() noexcept override { results_.clear(); }
    void abandon() noexcept override {}
    std::vector<WorkerStats> stats() const override {
        WorkerStats stats = times_.read();
        stats.pid = os::current_pid();
        return {stats};
    }
    std::vector<Span> trace() const override {
        std::vector<Span> spans;
        if (record_) append_spans(spans, 0, os::current_pid(), made_ns_, times_, record_.get());
        return spans;
    }
    void close() noexcept override { times_.leave(); }
    void terminate() noexcept override { times_.leave(); }
    void join() noexcept override {}

private:
    std::vector<std::unique_ptr<std::byte[]>> results_;
    std::int64_t made_ns_ = now_ns();
    Timesheet times_{};
    std::unique_ptr<ChunkRecord> record_;
    std::uint32_t jobs_ = 0;
};

} // namespace

std::unique_ptr<Backend> make_serial(BackendOptions options) {
    return std::make_unique<SerialBackend>(options);
}

} // namespace mp::detail
