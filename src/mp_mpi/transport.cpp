#include "mp_mpi/transport.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace mp_mpi {

namespace {

constexpr int tag_first = 1, tag_more = 2;
constexpr std::size_t part = std::size_t{1} << 30; // MPI counts bytes with an int
constexpr std::size_t blanks_kept = 64, kept_bytes = 1 << 16;
constexpr std::size_t most_coming = 64;

} // namespace

void Mail::send(int rank, Message&& message) {
    Letter letter{std::move(message), {}};
    const std::size_t size = letter.message.size();
    for (std::size_t at = 0; at < size; at += part)
        MPI_Isend(letter.message.bytes() + at, static_cast<int>(std::min(part, size - at)),
                  MPI_BYTE, rank, at == 0 ? tag_first : tag_more, ranks_,
                  &letter.parts.emplace_back());
    under_way_.push_back(std::move(letter));
    collect();
}

// Short ones are gone at once; they go in order, so the first tells.
void Mail::collect() {
    while (!under_way_.empty()) {
        Letter& letter = under_way_.front();
        int gone = 0;
        MPI_Testall(static_cast<int>(letter.parts.size()), letter.parts.data(), &gone,
                    MPI_STATUSES_IGNORE);
        if (gone == 0) return;
        if (blanks_.size() < blanks_kept && letter.message.size() <= kept_bytes)
            blanks_.push_back(std::move(letter.message));
        under_way_.pop_front();
    }
}

bool Mail::look() {
    int there = 0;
    MPI_Message handle{};
    MPI_Status status{};
    MPI_Improbe(MPI_ANY_SOURCE, tag_first, ranks_, &there, &handle, &status);
    if (there == 0) return false;
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    if (bytes < static_cast<int>(sizeof(Header))) // MPI_UNDEFINED is negative
        throw std::runtime_error("mp: a message between ranks is shorter than its header");
    const auto size = static_cast<std::size_t>(bytes);
    Coming& letter = coming_.emplace_back(blank(), status.MPI_SOURCE, MPI_REQUEST_NULL, 0, size);
    letter.message.reserve(size);
    MPI_Imrecv(letter.message.bytes(), bytes, MPI_BYTE, &handle, &letter.part);
    return true;
}

bool Mail::has_come(Coming& letter) {
    for (;;) {
        int come = 0;
        MPI_Test(&letter.part, &come, MPI_STATUS_IGNORE);
        if (come == 0) return false;
        letter.come = letter.asked;
        const std::size_t size = letter.message.size();
        if (letter.come >= size) return true;
        letter.message.reserve(size);
        letter.asked = std::min(size, letter.come + part);
        MPI_Irecv(letter.message.bytes() + letter.come,
                  static_cast<int>(letter.asked - letter.come), MPI_BYTE, letter.from, tag_more,
                  ranks_, &letter.part);
    }
}

bool Mail::receive(Message& message, int& from) {
    if (!under_way_.empty()) collect();
    while (look()) {
        // A short one is there as a whole; further ones wait for the next call.
        if (coming_.size() == 1 && has_come(coming_.front())) break;
        if (coming_.size() >= most_coming) break;
    }
    for (auto letter = coming_.begin(); letter != coming_.end(); ++letter) {
        const auto is_earlier = [&](const Coming& other) { return other.from == letter->from; };
        if (std::any_of(coming_.begin(), letter, is_earlier) || !has_come(*letter)) continue;
        std::swap(message, letter->message);
        from = letter->from;
        if (blanks_.size() < blanks_kept && letter->message.size() <= kept_bytes)
            blanks_.push_back(std::move(letter->message));
        coming_.erase(letter);
        return true;
    }
    return false;
}

bool Mail::flush(double seconds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    do collect();
    while (!under_way_.empty() && std::chrono::steady_clock::now() < until);
    return under_way_.empty();
}

Message Mail::blank() {
    if (blanks_.empty()) return {};
    Message message = std::move(blanks_.back());
    blanks_.pop_back();
    return message;
}

} // namespace mp_mpi
