#include "mp/backends/backends.hpp"

namespace mp::detail {

RemoteError error_of(const FailureNote& note) {
    if (note.text == nullptr)
        return {"an exception whose message found no memory", "unknown type", note.item, note.pid};
    return {std::string(note.text, note.what_size),
            std::string(note.text + note.what_size, note.type_size), note.item, note.pid};
}

} // namespace mp::detail
