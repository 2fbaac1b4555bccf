#include "mp_mpi/remote_stats.hpp"

#include <algorithm>
#include <utility>

#include "mp_mpi/wire_stats.hpp"

namespace mp_mpi {

namespace {

constexpr std::size_t spans_kept = 1U << 13; // of one endpoint; then neighbours are joined
constexpr std::size_t before_work = 2;       // start and init

void join_neighbours(std::vector<mp::Span>& spans) {
    std::size_t kept = before_work;
    for (std::size_t i = before_work; i + 1 < spans.size(); i += 2) {
        mp::Span joined = std::move(spans[i]);
        joined.end_seconds = spans[i + 1].end_seconds;
        joined.items += spans[i + 1].items;
        joined.chunks += spans[i + 1].chunks;
        spans[kept++] = std::move(joined);
    }
    spans.resize(kept);
}

} // namespace

void Ledger::asked(unsigned workers, unsigned first_worker) {
    Page& page = pages_.emplace_back();
    page.first_worker = first_worker;
    page.asked_ns = now_ns();
    page.workers.resize(workers);
}

void Ledger::opened(std::size_t endpoint, const Header& answer) {
    Page& page = pages_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    page.ready_ns = now_ns();
    if (!at.same_host) // its answer came from the middle of the time between
        page.ahead_ns =
            answer.end_ns - (page.asked_ns + page.ready_ns + answer.end_ns - answer.begin_ns) / 2;
    const auto pid = static_cast<pid_t>(answer.ticket);
    const double init_s = seconds(answer.end_ns - answer.begin_ns);
    for (unsigned i = 0; i < page.workers.size(); ++i)
        page.workers[i] = {.index = page.first_worker + i,
                           .rank = at.rank,
                           .host = at.host,
                           .pid = pid,
                           .start_seconds = seconds(page.ready_ns - page.asked_ns) - init_s,
                           .init_seconds = init_s};
    if (!trace_ || tell_themselves()) return;
    const auto add = [&](mp::Span::Kind kind, std::int64_t begin_ns, std::int64_t end_ns) {
        add_span(endpoint, {.kind = static_cast<std::uint32_t>(kind),
                            .worker = page.first_worker,
                            .job = 0,
                            .pid = pid,
                            .begin_ns = begin_ns,
                            .end_ns = end_ns,
                            .first = 0,
                            .items = 0,
                            .chunks = 0});
    };
    add(mp::Span::Kind::start, page.asked_ns + page.ahead_ns, answer.begin_ns);
    add(mp::Span::Kind::init, answer.begin_ns, answer.end_ns);
}

void Ledger::ran(std::size_t endpoint, const Header& answer, mp::JobId job, std::size_t first,
                 std::size_t count) {
    if (tell_themselves()) return;
    Page& page = pages_[endpoint];
    mp::WorkerStats& stats = page.workers[0];
    const double took = seconds(answer.end_ns - answer.begin_ns);
    stats.items += count;
    stats.busy_seconds += took;
    mp::ChunkTime chunk{took, trace_ ? first : 0, trace_ ? count : 0};
    for (mp::ChunkTime& each : stats.longest)
        if (chunk.seconds > each.seconds) std::swap(chunk, each);
    if (!trace_) return;
    add_span(endpoint, {.kind = static_cast<std::uint32_t>(mp::Span::Kind::work),
                        .worker = page.first_worker,
                        .job = job,
                        .pid = stats.pid,
                        .begin_ns = answer.begin_ns,
                        .end_ns = answer.end_ns,
                        .first = first,
                        .items = count,
                        .chunks = 1});
    if (page.spans.size() >= spans_kept) join_neighbours(page.spans);
}

void Ledger::read_stats(std::size_t endpoint, Reader& from, std::size_t count) {
    Page& page = pages_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    for (std::size_t i = 0; i < count; ++i) {
        const auto facts = from.get<WorkerFacts>();
        page.workers.at(facts.worker - page.first_worker) = stats_of(facts, at.rank, at.host);
    }
}

void Ledger::read_spans(std::size_t endpoint, Reader& from) {
    pages_[endpoint].spans.clear();
    const auto count = from.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) add_span(endpoint, from.get<SpanFacts>());
}

void Ledger::add_span(std::size_t endpoint, SpanFacts facts) {
    Page& page = pages_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    page.spans.push_back(span_of(facts, at.rank, at.host, origin_ns(page)));
}

void Ledger::closed(std::size_t endpoint) { pages_[endpoint].closed_ns = now_ns(); }

std::vector<mp::WorkerStats> Ledger::stats() const {
    std::vector<mp::WorkerStats> all;
    for (const Page& page : pages_) {
        if (page.ready_ns == 0) continue;
        const std::int64_t end_ns = page.closed_ns != 0 ? page.closed_ns : now_ns();
        for (mp::WorkerStats each : page.workers) {
            if (!tell_themselves())
                each.wait_seconds =
                    std::max(0.0, seconds(end_ns - page.ready_ns) - each.busy_seconds);
            all.push_back(std::move(each));
        }
    }
    return all;
}

std::vector<mp::Span> Ledger::trace() const {
    std::vector<mp::Span> all;
    if (!trace_) return all;
    for (const Page& page : pages_) all.insert(all.end(), page.spans.begin(), page.spans.end());
    std::ranges::stable_sort(all, {}, &mp::Span::worker);
    return all;
}

} // namespace mp_mpi
