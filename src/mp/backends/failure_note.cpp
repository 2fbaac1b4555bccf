#include "mp/backends/backends.hpp"

namespace mp::detail {

RemoteError thrown_error_of(const FailureNote& note) {
    if (note.text == nullptr)
        return {"an exception whose message found no memory", "unknown type", note.item, note.pid,
                note.rank};
    const char* const type = note.text + note.what_size;
    return {std::string(note.text, note.what_size),
            std::string(type, note.type_size),
            note.item,
            note.pid,
            note.rank,
            std::string(type + note.type_size, note.host_size)};
}

std::exception_ptr error_of(const FailureNote& note) {
    switch (note.fate) {
    case Fate::threw:
        break;
    case Fate::died:
    case Fate::starved:
        return std::make_exception_ptr(
            WorkerDied(note.item, note.pid, note.status, note.fate == Fate::starved));
    case Fate::timed_out:
        return std::make_exception_ptr(TimeoutError("item " + std::to_string(note.item) +
                                                    " ran longer than task_timeout allows; worker "
                                                    "process " +
                                                    std::to_string(note.pid) + " was ended"));
    case Fate::cancelled:
        return std::make_exception_ptr(Cancelled());
    }
    return std::make_exception_ptr(thrown_error_of(note));
}

} // namespace mp::detail
