#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include "mp/backends/backends.hpp"
#include "mp/error.hpp"
#include "mp/failure.hpp"
#include "mp/interrupt.hpp"
#include "mp/os/child.hpp"
#include "mp/os/cpu_times.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/worker_stats.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

std::shared_ptr<void> allocate_private(std::size_t bytes) {
    // A type with a stricter alignment is at least as large; no type needs more than a page.
    const std::align_val_t alignment{
        std::bit_ceil(std::clamp<std::size_t>(bytes, 64, std::size_t{4096}))};
    return {::operator new(bytes, alignment),
            [alignment](void* data) { ::operator delete(data, alignment); }};
}

namespace {

// Marks this thread as the one worker while a job runs on it.
class AsWorker {
public:
    AsWorker(unsigned index, const Backend* backend)
        : index_(worker_index()), backend_(backend_of_this_thread()) {
        set_worker(index, backend);
    }
    ~AsWorker() { set_worker(index_, backend_); }
    AsWorker(const AsWorker&) = delete;
    AsWorker& operator=(const AsWorker&) = delete;

private:
    unsigned index_; // pools nest
    const void* backend_;
};

// The part of this thread's CPU time that it spends on a pool. It is read at the beginning and the
// end of each map. Any thread may ask for it meanwhile.
class SerialCpuTimes {
public:
    /// While this object exists, the thread computes for the pool.
    class Counting {
    public:
        explicit Counting(SerialCpuTimes& times) : times_(times), begin_(ask()) {}
        ~Counting() { times_.add(begin_, ask()); }
        Counting(const Counting&) = delete;
        Counting& operator=(const Counting&) = delete;

    private:
        static std::optional<os::CpuTimes> ask() {
            return os::cpu_times(os::current_pid(), os::current_thread());
        }

        SerialCpuTimes& times_;
        std::optional<os::CpuTimes> begin_;
    };

    /// Something ran that was not counted.
    void lose() noexcept {
        const std::lock_guard lock(mutex_);
        sum_.reset();
    }
    std::optional<os::CpuTimes> sum() const noexcept {
        const std::lock_guard lock(mutex_);
        return sum_;
    }

private:
    void add(const std::optional<os::CpuTimes>& begin, const std::optional<os::CpuTimes>& end) {
        const std::lock_guard lock(mutex_);
        if (!begin || !end) sum_.reset();
        if (!sum_) return;
        sum_->cpu_ns += end->cpu_ns - begin->cpu_ns;
        if (sum_->ready_ns && begin->ready_ns && end->ready_ns)
            *sum_->ready_ns += *end->ready_ns - *begin->ready_ns;
        else
            sum_->ready_ns.reset();
    }

    mutable std::mutex mutex_;
    std::optional<os::CpuTimes> sum_ = os::CpuTimes{0, 0};
};

class SerialContext final : public TaskContext {
public:
    SerialContext() : TaskContext(reached_, nullptr) {}
    std::byte* allocate(std::size_t bytes) override { return new std::byte[bytes]; }
    void release(const void* data) noexcept override { free(data); }
    FailureNote* note(std::size_t item) noexcept override {
        try {
            const Failure failure = current_failure();
            const std::string text = failure.what + failure.type_name;
            std::byte* memory = allocate(sizeof(FailureNote) + text.size());
            char* to = reinterpret_cast<char*>(memory + sizeof(FailureNote));
            std::memcpy(to, text.data(), text.size());
            return ::new (memory) FailureNote{item, os::current_pid(),   Fate::threw,
                                              0,    failure.what.size(), failure.type_name.size(),
                                              to};
        } catch (...) {
            last_resort_ = {item, os::current_pid(), Fate::threw, 0, 0, 0, nullptr};
            return &last_resort_;
        }
    }
    void failed(std::size_t item) noexcept override {
        if (!first_) first_ = thrown_error_of(*std::unique_ptr<FailureNote, Free>(note(item)));
    }
    const std::optional<RemoteError>& first() const { return first_; }

    static void free(const void* data) noexcept {
        if (data != &last_resort_) delete[] static_cast<const std::byte*>(data);
    }

private:
    struct Free {
        void operator()(FailureNote* note) const { free(note); }
    };

    inline static thread_local FailureNote last_resort_{};
    std::atomic<std::uint64_t> reached_; // not used here
    std::optional<RemoteError> first_;
};

class SerialBackend final : public Backend, public Executor {
public:
    explicit SerialBackend(const BackendOptions& options)
        : processes_(options.processes), first_worker_(options.first_worker),
          trace_buffer_(options.trace ? std::make_unique<TraceBuffer>() : nullptr) {
        AsWorker worker(first_worker_, this);
        SerialContext context;
        counters_.note_asked(made_ns_);
        counters_.note_began(made_ns_);
        const SameProcess same_process;
        try {
            options.initializer();
            same_process.check();
        } catch (...) {
            same_process.check();
            context.failed(0);
        }
        counters_.note_ready(now_ns());
        if (context.first()) throw RemoteError(*context.first());
    }

    unsigned processes() const override { return processes_; }
    Executor& executor() noexcept override { return *this; }
    std::shared_ptr<void> allocate(std::size_t bytes) override { return allocate_private(bytes); }
    bool visible(const void*, std::size_t) const override { return true; }

    // A pool's methods may be called from several threads; they run one after the other.
    JobId post(const Job& job) override {
        const std::lock_guard lock(mutex_);
        const AsWorker worker(first_worker_, this);
        SerialContext context;
        // Without a trace, a map of few items takes less time than reading the CPU time.
        std::optional<SerialCpuTimes::Counting> counting;
        if (trace_buffer_) counting.emplace(cpu_times_);
        ChunkTimer timer(counters_, trace_buffer_.get(), ++jobs_, os::current_pid());
        const std::size_t step = job.chunksize != 0 ? job.chunksize : 1;
        for (std::size_t first = 0; first < job.size; first += step) {
            if (interrupted()) throw Interrupted();
            const std::size_t last = step < job.size - first ? first + step : job.size;
            job.run(job, first, last, context);
            timer.ran(first, last - first);
        }
        timer.report();
        if (context.first()) failed_.emplace(jobs_, *context.first());
        return jobs_;
    }
    bool finished(JobId) noexcept override { return true; }
    void finish(JobId job) override {
        const std::lock_guard lock(mutex_);
        if (const auto found = failed_.find(job); found != failed_.end()) {
            const RemoteError error = found->second;
            failed_.erase(found);
            throw error;
        }
    }
    void cancel(JobId) noexcept override {}
    void stop(JobId) noexcept override {}
    bool stop(TaskSlot&) noexcept override { return false; }
    void submit(TaskSlot& task) override {
        const std::lock_guard lock(mutex_);
        if (interrupted()) throw Interrupted();
        const AsWorker worker(first_worker_, this);
        SerialContext context;
        ChunkTimer timer(counters_, trace_buffer_.get(), 0, os::current_pid());
        cpu_times_.lose(); // reading it may take longer than the task
        task.type->run(task, context);
        timer.ran(task.first, task.end);
        timer.report();
        task.status.finish(TaskState::finished);
    }
    bool wait(const std::function<bool()>& done, os::Deadline) override { return done(); }
    void release(const void* data) noexcept override { SerialContext::free(data); }
    std::vector<WorkerStats> stats() const override {
        WorkerStats stats = counters_.read(trace_buffer_ ? cpu_times_.sum() : std::nullopt);
        stats.pid = os::current_pid();
        return {stats};
    }
    std::vector<Span> trace() override {
        std::vector<Span> spans;
        if (trace_buffer_)
            append_spans(spans, 0, os::current_pid(), made_ns_, counters_, *trace_buffer_, {});
        return spans;
    }
    void close() noexcept override { counters_.leave(); }
    void terminate() noexcept override { counters_.leave(); }
    void join() override {}

private:
    unsigned processes_, first_worker_;
    std::mutex mutex_;
    std::map<JobId, RemoteError> failed_;
    std::int64_t made_ns_ = now_ns();
    WorkerCounters counters_{};
    std::unique_ptr<TraceBuffer> trace_buffer_;
    SerialCpuTimes cpu_times_;
    std::uint32_t jobs_ = 0;
};

} // namespace

std::unique_ptr<Backend> make_serial(BackendOptions options) {
    return std::make_unique<SerialBackend>(options);
}

} // namespace mp::detail
