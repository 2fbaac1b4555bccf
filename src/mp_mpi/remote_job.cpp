#include "mp_mpi/remote_job.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace mp_mpi {

namespace {

// Closures are sent in multiples of words, and stored with alignment for any type.
constexpr std::size_t widest = Message::alignment;

std::uint64_t local_address(const CodeMap& code_map, std::uint64_t there, const char* what) {
    if (const auto found = code_map.local_address(there)) return *found;
    throw std::runtime_error(std::string("mp: ") + what +
                             " lies in none of the program's files, so other ranks do not have it");
}

} // namespace

RemotePool RemotePool::read(Message& open) {
    Reader from(open);
    RemotePool pool;
    pool.opening = from.get<Opening>();
    const std::byte* closure = from.take(pool.opening.closure_size, widest);
    pool.initializer.closure.assign(closure, closure + pool.opening.closure_size);
    from.expect(pool.opening.objects, sizeof(LoadedObject));
    std::vector<LoadedObject> there(pool.opening.objects);
    for (LoadedObject& object : there) object = from.get<LoadedObject>();
    pool.code_map = CodeMap(std::move(there), loaded_objects());
    if (pool.opening.initializer == 0) return pool;
    using Run = void (*)(const void*);
    pool.initializer.run = reinterpret_cast<Run>(
        local_address(pool.code_map, pool.opening.initializer, "the initializer"));
    pool.code_map.translate(pool.initializer.closure.data(), pool.initializer.closure.size());
    return pool;
}

RemoteJob RemotePool::read_job(Reader& from) const {
    const auto description = from.get<JobDescription>();
    const std::byte* closure = from.take(description.closure_size, widest);
    RemoteJob remote_job{.run = reinterpret_cast<mp::detail::Job::Run>(
                             local_address(code_map, description.run, "the function")),
                         .closure = {closure, closure + description.closure_size},
                         .item_size = description.item_size,
                         .result_size = description.result_size};
    code_map.translate(remote_job.closure.data(), remote_job.closure.size());
    return remote_job;
}

} // namespace mp_mpi
