#include "mpworkshop/kit/chunk_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* chunk_layout = "  {:<10}{:<30}{}";

Field field_of(const ChunkSample& sample, std::uint64_t tasks) {
    const std::uint64_t size = sample.chunksize;
    return {.value = Value::object({{"chunksize", size},
                                    {"chunks", (tasks + size - 1) / size},
                                    {"wall_s", sample.wall_s},
                                    {"idle", sample.lost.idle},
                                    {"ready", sample.lost.ready}}),
            .shown = fmt::format("{:>9} wall {:>4.0f} % idle", text::duration(sample.wall_s),
                                 100 * sample.lost.idle)};
}

} // namespace

ChunkSample last_sample(mp::Pool& pool, int chunksize, double wall_s) {
    auto spans = last_job(pool.trace());
    const LostShares lost = lost_shares(spans, pool.processes(), wall_s);
    return {std::uint64_t(chunksize), wall_s, lost, std::move(spans)};
}

std::string waits_for_cpus(const std::vector<double>& ready) {
    constexpr double hardly = 0.1;
    double most = 0;
    for (const double share : ready) most = std::max(most, share);
    if (most < hardly) return "";
    return fmt::format("A worker that waits for a CPU is not idle: here workers waited for one up "
                       "to {:.0f} % of the time.",
                       100 * most);
}

std::string what_chunks_gain(const ChunkContest& contest) {
    using stats::Finding;
    if (contest.fastest == contest.slowest) return "One task cannot be divided.";
    if (contest.workers == 1)
        return "One worker does everything itself, in chunks of whatever size.";
    if (contest.usable == 1)
        return "With one CPU the workers take turns: balance cannot help here.";
    const auto gain = stats::speedup(contest.slowest_s, contest.fastest_s);
    const Finding finding = gain ? gain->finding() : Finding::too_few;
    const std::string fastest = text::grouped(contest.fastest),
                      slowest = text::grouped(contest.slowest);
    if (finding == Finding::faster)
        return fmt::format(
            "With one long task, chunksize {} was {:.1f} times as fast as {} ({:.2f} to "
            "{:.2f}).",
            fastest, gain->ratio, slowest, gain->interval->low, gain->interval->high);
    if (finding == Finding::same)
        return fmt::format("With one long task, chunksizes {} and {} took as long.", fastest,
                           slowest);
    return fmt::format("Whether chunksize {} is faster than {} is unclear: {}", fastest, slowest,
                       why_unclear_briefly(contest.others));
}

void compare_with_prediction(Run& run, const ChunkContest& contest) {
    if (!run.outcome.prediction) return;
    if (!contest.makes_sense())
        return run.outcome.prediction->cannot_be_told(
            "it takes several tasks, workers and CPUs to see");
    const auto gain = stats::speedup(contest.slowest_s, contest.fastest_s);
    const stats::Finding finding = gain ? gain->finding() : stats::Finding::too_few;
    if (finding == stats::Finding::faster || finding == stats::Finding::same)
        run.outcome.prediction->came_out(gain->ratio);
    else
        run.outcome.prediction->cannot_be_told(why_unclear_briefly(contest.others));
}

ChunkReport::ChunkReport(Run& run, std::uint64_t tasks, double seconds,
                         const input::PoolChoice& pool)
    : run_(run), tasks_(tasks), seconds_(seconds), workers_(pool.workers()) {
    run.say(fmt::format("{} of {} for {}: all alike, then with one that takes 20 times as long.\n",
                        text::counted(tasks, "task"), text::duration(seconds), pool.describe()));
    run.show(fmt::format(chunk_layout, "chunksize", "  all alike", "one is longer"));
}

void ChunkReport::add(const ChunkSample& alike, ChunkSample skewed) {
    const std::string size = text::grouped(alike.chunksize);
    Field one = field_of(alike, tasks_), other = field_of(skewed, tasks_);
    run_.show(line(chunk_layout, {Field::label(size), one, other}));
    run_.outcome.so_far = "chunksizes up to " + size;
    alike_rows_.push_back(std::move(one.value));
    skewed_rows_.push_back(std::move(other.value));
    ready_.push_back(alike.lost.ready);
    ready_.push_back(skewed.lost.ready);
    skewed_.push_back(std::move(skewed));
}

void ChunkContest::repeat(const std::function<double(std::uint64_t)>& seconds_of) {
    if (!makes_sense()) return;
    for (std::size_t pair = 0; pair < stats::least_for_interval; ++pair) {
        fastest_s.push_back(seconds_of(fastest));
        slowest_s.push_back(seconds_of(slowest));
    }
}

ChunkContest ChunkReport::contest() const {
    const auto [best, worst] = std::ranges::minmax_element(skewed_, {}, &ChunkSample::wall_s);
    return {.workers = workers_,
            .usable = mp::process_cpu_count(),
            .fastest = best->chunksize,
            .slowest = worst->chunksize};
}

void ChunkReport::finish(ChunkContest contest) {
    contest.others = others_.cpus_used();
    const auto of_size = [&](std::uint64_t size) {
        return *std::ranges::find(skewed_, size, &ChunkSample::chunksize);
    };
    if (const std::string words = waits_for_cpus(ready_); !words.empty()) run_.say("\n" + words);
    if (contest.slowest != contest.fastest) chart("slowest", of_size(contest.slowest));
    chart("fastest", of_size(contest.fastest));
    run_.outcome.result = Value::object({{"tasks", tasks_},
                                         {"seconds", seconds_},
                                         {"processes", workers_},
                                         {"usable", mp::process_cpu_count()},
                                         {"alike", alike_rows_},
                                         {"skewed", skewed_rows_},
                                         {"skewed_best", contest.fastest},
                                         {"skewed_worst", contest.slowest}});
    compare_with_prediction(run_, contest);
    run_.outcome.meaning = what_chunks_gain(contest);
}

void ChunkReport::chart(const char* which, const ChunkSample& sample) const {
    run_.say(fmt::format("\nOne is longer, the {}: chunksize {}, {}.", which,
                         text::grouped(sample.chunksize), text::duration(sample.wall_s)));
    run_.draw(lanes_of(sample.spans, workers_));
}

} // namespace mpworkshop::kit
