#include "mpworkshop/kit/lost_update.hpp"

#include <atomic>

#include "mpworkshop/kit/run_simultaneously.hpp"

namespace mpworkshop::kit {

LostUpdate lost_update() {
    LostUpdate found;
    std::atomic<std::uint64_t> count = found.counted;
    std::atomic<unsigned> turn{0};
    const auto take_turn = [&](unsigned mine, auto step) {
        for (unsigned now = turn.load(); now != mine; now = turn.load()) turn.wait(now);
        found.steps[mine] = step();
        turn.store(mine + 1);
        turn.notify_all();
    };
    run_simultaneously(2, [&](unsigned me) {
        std::uint64_t seen = 0;
        take_turn(me, [&] {
            seen = count.load();
            return LostUpdate::Step{me + 1, "load", seen};
        });
        take_turn(2 + me, [&] {
            count.store(seen + 1);
            return LostUpdate::Step{me + 1, "store", seen + 1};
        });
    });
    found.counted = count.load();
    return found;
}

} // namespace mpworkshop::kit
