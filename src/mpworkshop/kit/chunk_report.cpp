#include "mpworkshop/kit/chunk_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* chunk_layout = "  {:<10}{:<30}{}";

Field field_of(const ChunkSample& sample, std::uint64_t tasks) {
    const std::uint64_t size = sample.chunksize;
    return {.value = Value::object({{"chunksize", size},
                                    {"chunks", (tasks + size - 1) / size},
                                    {"wall_s", sample.wall_s},
                                    {"idle", sample.idle}}),
            .shown = fmt::format("{:>9} wall {:>4.0f} % idle", text::duration(sample.wall_s),
                                 100 * sample.idle)};
}

std::string meaning(unsigned workers, const ChunkSample& best, const ChunkSample& worst) {
    if (best.chunksize == worst.chunksize) return "One task cannot be shared out.";
    if (workers == 1) return "One worker does everything itself, in chunks of whatever size.";
    if (mp::process_cpu_count() == 1)
        return "With one CPU the workers take turns: balance cannot help here.";
    return fmt::format("With one long task, chunksize {} was {:.1f} times as fast as {}.",
                       text::grouped(best.chunksize), worst.wall_s / best.wall_s,
                       text::grouped(worst.chunksize));
}

} // namespace

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
    skewed_.push_back(std::move(skewed));
}

void ChunkReport::finish() {
    const auto [best, worst] = std::ranges::minmax_element(skewed_, {}, &ChunkSample::wall_s);
    if (worst != best) chart("slowest", *worst);
    chart("fastest", *best);
    run_.outcome.result = Value::object({{"tasks", tasks_},
                                         {"seconds", seconds_},
                                         {"processes", workers_},
                                         {"usable", mp::process_cpu_count()},
                                         {"alike", alike_rows_},
                                         {"skewed", skewed_rows_},
                                         {"skewed_best", best->chunksize},
                                         {"skewed_worst", worst->chunksize}});
    run_.outcome.meaning = meaning(workers_, *best, *worst);
}

void ChunkReport::chart(const char* which, const ChunkSample& sample) const {
    run_.say(fmt::format("\nOne is longer, the {}: chunksize {}, {}.", which,
                         text::grouped(sample.chunksize), text::duration(sample.wall_s)));
    run_.draw(lanes_of(sample.spans, workers_));
}

} // namespace mpworkshop::kit
