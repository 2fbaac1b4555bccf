#include "mp_mpi/remote_job.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace mp_mpi {

namespace {

// Closures go in multiples of words, and are put where any type may stand.
constexpr std::size_t widest = Message::alignment;

std::uint64_t here(const Translation& translation, std::uint64_t there, const char* what) {
    if (const auto found = translation.here(there)) return *found;
    throw std::runtime_error(std::string("mp: ") + what +
                             " lies in none of the program's files, so other ranks do not have it");
}

} // namespace

OpenedPool OpenedPool::read(Message& open) {
    Reader from(open);
    OpenedPool pool;
    pool.opening = from.get<Opening>();
    const std::byte* closure = from.take(pool.opening.closure_size, widest);
    pool.initializer.closure.assign(closure, closure + pool.opening.closure_size);
    from.expect(pool.opening.modules, sizeof(Module));
    std::vector<Module> there(pool.opening.modules);
    for (Module& module : there) module = from.get<Module>();
    pool.translation = Translation(std::move(there), modules_here());
    if (pool.opening.initializer == 0) return pool;
    using Run = void (*)(const void*);
    pool.initializer.run =
        reinterpret_cast<Run>(here(pool.translation, pool.opening.initializer, "the initializer"));
    pool.translation.translate(pool.initializer.closure.data(), pool.initializer.closure.size());
    return pool;
}

Assignment OpenedPool::read_work(Reader& from) const {
    const auto work = from.get<Work>();
    const std::byte* closure = from.take(work.closure_size, widest);
    Assignment assignment{
        .run = reinterpret_cast<mp::Job::Run>(here(translation, work.run, "the function")),
        .closure = {closure, closure + work.closure_size},
        .item_size = work.item_size,
        .result_size = work.result_size};
    translation.translate(assignment.closure.data(), assignment.closure.size());
    return assignment;
}

} // namespace mp_mpi
