#include "mp/scheduler/worker_slot.hpp"

#include <cstring>
#include <new>

#include "mp/failure.hpp"
#include "mp/os/child.hpp"

namespace mp::detail {

void WorkerSlot::open(std::byte* heap, std::size_t heap_bytes, TraceBuffer* trace_buffer,
                      std::int64_t asked_ns) {
    result_heap_.open(heap, heap_bytes);
    counters_.note_asked(asked_ns);
    trace_buffer_ = trace_buffer;
}

FailureNote* WorkerSlot::write_failure(std::size_t item) noexcept {
    const Failure failure = current_failure();
    FailureNote note{item,   os::current_pid(),   Fate::threw,
                     0,      failure.what.size(), failure.type_name.size(),
                     nullptr};
    try {
        std::byte* memory =
            result_heap_.allocate(sizeof(FailureNote) + note.what_size + note.type_size);
        char* text = reinterpret_cast<char*>(memory + sizeof(FailureNote));
        std::memcpy(text, failure.what.data(), note.what_size);
        std::memcpy(text + note.what_size, failure.type_name.data(), note.type_size);
        note.text = text;
        return ::new (memory) FailureNote(note);
    } catch (...) {
        note.what_size = note.type_size = 0;
        last_resort_ = note;
        return &last_resort_;
    }
}

TaskSlot* WorkerSlot::worker_died() noexcept {
    counters_.leave();
    visits_.leave();
    item_began_ns_.store(0, std::memory_order_seq_cst);
    return task_.exchange(nullptr, std::memory_order_seq_cst);
}

void WorkerSlot::expect_worker() noexcept {
    counters_.reset_for_next_worker();
    counters_.note_asked(now_ns());
    budget_exhausted_.store(false, std::memory_order_seq_cst);
    state_.store(WorkerState::starting, std::memory_order_seq_cst);
}

} // namespace mp::detail
