#include "mp_mpi/assignment.hpp"

#include <chrono>
#include <mp/failure.hpp>

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

Items Items::read(Reader& from, std::size_t item_size, std::size_t count) {
    Items items;
    if (item_size != 0) {
        items.data = from.take(count * item_size, Message::alignment);
        return items;
    }
    std::vector<std::uint64_t> sizes(count);
    for (std::uint64_t& size : sizes) size = from.get<std::uint64_t>();
    items.table.resize(count);
    for (std::size_t i = 0; i < count; ++i) items.table[i] = {from.take(sizes[i], 1), sizes[i]};
    items.data = items.table.data();
    return items;
}

Failed Failed::current(std::size_t item) {
    mp::detail::Failure failure = mp::detail::current_failure();
    return {{.item = item,
             .fate = static_cast<std::uint32_t>(mp::Fate::threw),
             .pid = mp::this_process::pid(),
             .status = 0,
             .what_size = failure.what.size(),
             .type_size = failure.type_name.size()},
            std::move(failure.what),
            std::move(failure.type_name)};
}

void put_failures(Message& answer, const std::vector<Failed>& failures) {
    answer.header().flags = static_cast<std::uint32_t>(failures.size());
    for (const Failed& each : failures) {
        answer.put(each.facts);
        answer.put_bytes(each.what.data(), each.what.size(), 1);
        answer.put_bytes(each.type.data(), each.type.size(), 1);
    }
}

std::vector<Failed> read_failures(Reader& from, const Header& header) {
    std::vector<Failed> failures(header.flags);
    for (Failed& each : failures) {
        each.facts = from.get<FailureFacts>();
        each.what = from.text(each.facts.what_size);
        each.type = from.text(each.facts.type_size);
    }
    return failures;
}

void put_packed(Message& to, const mp::Packed* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to.put(values[i].data != nullptr ? std::uint64_t{values[i].size} : no_value);
    for (std::size_t i = 0; i < count; ++i)
        if (values[i].data != nullptr) to.put_bytes(values[i].data, values[i].size, 1);
}

std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

} // namespace mp_mpi
