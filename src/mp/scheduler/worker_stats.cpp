#include "mp/scheduler/worker_stats.hpp"

#include <algorithm>
#include <span>

namespace mp::detail {

namespace {

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

} // namespace

void TraceBuffer::put(std::uint32_t at, const Entry& entry) noexcept {
    const std::uint64_t words[] = {static_cast<std::uint64_t>(entry.begin_ns),
                                   static_cast<std::uint64_t>(entry.end_ns),
                                   entry.first,
                                   entry.items,
                                   std::uint64_t{entry.job} << 32 | entry.chunks,
                                   static_cast<std::uint64_t>(entry.pid)};
    for (std::size_t i = 0; i < std::size(words); ++i)
        rows_[at].words[i].store(words[i], std::memory_order_relaxed);
}

TraceBuffer::Entry TraceBuffer::get(std::uint32_t at) const noexcept {
    const auto word = [&](std::size_t i) {
        return rows_[at].words[i].load(std::memory_order_acquire); // before merges_ is read again
    };
    return {static_cast<std::int64_t>(word(0)),
            static_cast<std::int64_t>(word(1)),
            word(2),
            word(3),
            static_cast<std::uint32_t>(word(4) >> 32),
            static_cast<std::uint32_t>(word(4)),
            static_cast<pid_t>(word(5))};
}

void TraceBuffer::add(const Entry& entry) noexcept {
    if (count_.load(std::memory_order_relaxed) == capacity) merge_neighbours();
    const std::uint32_t at = count_.load(std::memory_order_relaxed);
    put(at, entry);
    count_.store(at + 1, std::memory_order_release);
}

void TraceBuffer::merge_neighbours() noexcept {
    const std::uint32_t before = merges_.load(std::memory_order_relaxed) | 1;
    merges_.exchange(before, std::memory_order_acq_rel); // what follows stays behind it
    for (std::uint32_t i = 0; i < capacity / 2; ++i) {
        Entry joined = get(2 * i);
        const Entry next = get(2 * i + 1);
        joined.end_ns = next.end_ns;
        joined.first = std::min(joined.first, next.first);
        joined.items += next.items;
        joined.chunks += next.chunks;
        put(i, joined);
    }
    count_.store(capacity / 2, std::memory_order_relaxed);
    merges_.store(before + 1, std::memory_order_release);
}

std::vector<TraceBuffer::Entry> TraceBuffer::read() const {
    std::vector<Entry> entries;
    // A writer killed during a merge leaves the count odd; the reader then uses the record as it
    // is.
    for (int attempt = 0; attempt < 100; ++attempt) {
        const std::uint32_t before = merges_.load(std::memory_order_acquire);
        entries.clear();
        const std::uint32_t count = std::min(count_.load(std::memory_order_acquire), capacity);
        for (std::uint32_t i = 0; i < count; ++i) entries.push_back(get(i));
        if (before % 2 == 0 && merges_.load(std::memory_order_relaxed) == before) break;
    }
    return entries;
}

void WorkerCounters::note_long(std::int64_t ns, std::uint64_t first, std::uint64_t count) noexcept {
    Long& shortest = *std::ranges::min_element(
        longest, {}, [](const Long& each) { return each.ns.load(std::memory_order_relaxed); });
    if (ns <= shortest.ns.load(std::memory_order_relaxed)) return;
    shortest.first.store(first, std::memory_order_relaxed);
    shortest.items.store(count, std::memory_order_relaxed);
    shortest.ns.store(ns, std::memory_order_relaxed);
}

void WorkerCounters::leave() noexcept {
    if (left_ns.load() == 0) left_ns.store(now_ns());
}

void WorkerCounters::reset_for_next_worker() noexcept {
    leave();
    const std::int64_t asked = asked_ns.load(), began = began_ns.load(), ready = ready_ns.load();
    const std::int64_t left = left_ns.load();
    if (began != 0) gone_start_ns += began - asked;
    if (ready != 0) {
        gone_init_ns += ready - began;
        waited_ns += std::max<std::int64_t>(0, left - ready - (busy_ns - gone_busy_ns));
    }
    gone_busy_ns.store(busy_ns.load());
    cpu.reset_for_next_worker();
    began_ns.store(0);
    ready_ns.store(0);
    left_ns.store(0);
}

WorkerStats WorkerCounters::read(const std::optional<os::CpuTimes>& times) const {
    WorkerStats stats;
    stats.items = items.load();
    stats.restarts = restarts.load();
    const std::int64_t busy = busy_ns.load(), began = began_ns.load(), ready = ready_ns.load();
    const std::int64_t left = left_ns.load() != 0 ? left_ns.load() : now_ns();
    stats.busy_seconds = seconds(busy);
    stats.start_seconds = seconds(gone_start_ns + (began != 0 ? began - asked_ns : 0));
    stats.init_seconds = seconds(gone_init_ns + (ready != 0 ? ready - began : 0));
    const std::int64_t waiting =
        ready == 0 ? 0 : std::max<std::int64_t>(0, left - ready - (busy - gone_busy_ns));
    stats.wait_seconds = seconds(waited_ns + waiting);
    if (times) stats.cpu_seconds = seconds(times->cpu_ns);
    if (times && times->ready_ns) stats.ready_seconds = seconds(*times->ready_ns);
    std::ranges::transform(longest, stats.longest.begin(), [](const Long& each) {
        return ChunkTime{seconds(each.ns.load()), each.first.load(), each.items.load()};
    });
    std::ranges::sort(stats.longest, std::greater{}, &ChunkTime::seconds);
    return stats;
}

void ChunkTimer::tick(std::size_t first, std::size_t items) noexcept {
    constexpr std::int64_t short_ns = 20'000;
    constexpr std::uint32_t longest_stride = 256;
    const std::int64_t now = now_ns();
    const std::int64_t ran = now - began_;
    if (trace_buffer_ != nullptr) {
        trace_buffer_->add({began_, now, first, items, job_, 1, pid_});
        counters_.note_long(ran, first, items);
    } else {
        counters_.note_long(ran, 0, 0);
        stride_ = ran >= short_ns ? 1 : std::min(stride_ * 2, longest_stride);
    }
    counters_.busy_ns.fetch_add(ran, std::memory_order_relaxed);
    counters_.items.fetch_add(items_, std::memory_order_relaxed);
    began_ = now;
    items_ = 0;
    untimed_ = 0;
}

void append_spans(std::vector<Span>& to, unsigned worker, pid_t pid, std::int64_t made_ns,
                  const WorkerCounters& counters, const TraceBuffer& trace_buffer,
                  const std::vector<CpuSample>& samples) {
    const std::int64_t began = counters.began_ns.load(), ready = counters.ready_ns.load();
    const auto since = [made_ns](std::int64_t ns) { return seconds(ns - made_ns); };
    if (began != 0)
        to.push_back({.kind = Span::Kind::start,
                      .worker = worker,
                      .pid = pid,
                      .begin_seconds = since(counters.asked_ns),
                      .end_seconds = since(began)});
    if (ready != 0)
        to.push_back({.kind = Span::Kind::init,
                      .worker = worker,
                      .pid = pid,
                      .begin_seconds = since(began),
                      .end_seconds = since(ready)});
    const std::size_t before = to.size();
    for (const TraceBuffer::Entry& entry : trace_buffer.read())
        to.push_back({.kind = Span::Kind::work,
                      .worker = worker,
                      .pid = entry.pid,
                      .begin_seconds = since(entry.begin_ns),
                      .end_seconds = since(entry.end_ns),
                      .job = entry.job,
                      .first = entry.first,
                      .items = entry.items,
                      .chunks = entry.chunks});
    divide_among(std::span(to).subspan(before), intervals_between(samples, made_ns));
}

} // namespace mp::detail
