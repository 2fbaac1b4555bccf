#include "mp/support/model.hpp"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <deque>
#include <ranges>

#include "support/sanitizers.hpp"

namespace model {

namespace {

constexpr std::size_t stack_bytes = std::size_t{64} << 10;

// The choices of one execution. The next execution repeats all but the last one that has an
// alternative.
class Decisions {
public:
    std::size_t decide(std::size_t options) {
        if (at_ == path_.size()) path_.push_back({0, options});
        return path_[at_++].chosen;
    }
    // Returns false if there is no other execution.
    bool next() {
        at_ = 0;
        while (!path_.empty() && path_.back().chosen + 1 == path_.back().options) path_.pop_back();
        if (path_.empty()) return false;
        ++path_.back().chosen;
        return true;
    }

private:
    struct Decision {
        std::size_t chosen, options;
    };
    std::vector<Decision> path_;
    std::size_t at_ = 0;
};

class Execution;
Execution* current = nullptr;

class Execution final : public Run {
public:
    Execution(Decisions& decisions, const Bounds& bounds, std::optional<std::size_t> kill_before)
        : decisions_(decisions), bounds_(bounds), kill_before_(kill_before),
          budget_(bounds.preemptions) {}

    void thread(std::function<void()> body) override {
        threads_.push_back(std::make_unique<Thread>());
        threads_.back()->body = std::move(body);
    }
    void at_end(std::function<std::string()> check) override { check_ = std::move(check); }
    void wait_until(std::function<bool()> condition) override {
        flush(*running_);
        running_->condition = std::move(condition);
        yield();
        running_->condition = nullptr;
    }
    bool was_killed() const override { return killed_; }
    bool is_over(std::size_t thread) const override { return threads_[thread]->is_over(); }

    std::string run() {
        current = this;
        for (std::size_t i = 0; i < threads_.size(); ++i) begin(i);
        next_ = choose();
        while (next_ != nullptr) resume(*next_);
        current = nullptr;
        for (const auto& each : threads_)
            if (!each->is_over()) return "a thread sleeps, and none is left to wake it" + trace();
        std::string wrong = check_ ? check_() : std::string();
        return wrong.empty() ? wrong : wrong + trace();
    }

    // Whether the thread to be killed got that far.
    bool killed() const { return killed_; }

    // ---- Steps, called by the running thread.

    bool has_running() const { return running_ != nullptr; }
    std::uint64_t load(const detail::Word& word) {
        yield();
        for (const auto& [to, value] : std::ranges::reverse_view(running_->buffer))
            if (to == &word) return value;
        return word.value;
    }
    void store(detail::Word& word, std::uint64_t value, std::memory_order order) {
        yield();
        if (order != std::memory_order_seq_cst &&
            (!running_->buffer.empty() || (budget_ > 0 && decisions_.decide(2) == 1 && spend()))) {
            running_->buffer.emplace_back(&word, value);
            return;
        }
        flush(*running_);
        word.value = value;
    }
    std::uint64_t& modify(detail::Word& word) {
        yield();
        flush(*running_);
        return word.value;
    }
    void wait(const detail::Word& word, std::uint64_t expected, bool timed) {
        yield();
        flush(*running_);
        if (word.value != expected || timed) return;
        running_->sleeps_on = &word;
        yield();
    }
    void wake(const detail::Word& word, int count) {
        yield();
        flush(*running_);
        for (const auto& each : threads_)
            if (count > 0 && each->sleeps_on == &word) {
                each->sleeps_on = nullptr;
                --count;
            }
    }

private:
    struct Thread {
        std::function<void()> body;
        ucontext_t context{};
        std::size_t steps = 0;
        bool ended = false, killed = false;
        const detail::Word* sleeps_on = nullptr;
        std::function<bool()> condition;
        std::deque<std::pair<detail::Word*, std::uint64_t>> buffer;

        bool is_over() const { return ended || killed; }
        bool is_ready() const {
            return !is_over() && sleeps_on == nullptr && (!condition || condition());
        }
    };

    static void flush(Thread& thread) {
        for (const auto& [to, value] : thread.buffer) to->value = value;
        thread.buffer.clear();
    }
    bool spend() {
        --budget_;
        return true;
    }

    // Stacks are reused by later executions, even that of a killed thread.
    static std::byte* stack(std::size_t thread) {
        static std::vector<std::unique_ptr<std::byte[]>> stacks;
        while (stacks.size() <= thread)
            stacks.push_back(std::make_unique<std::byte[]>(stack_bytes));
        return stacks[thread].get();
    }

    void begin(std::size_t index) {
        Thread& thread = *threads_[index];
        ::getcontext(&thread.context);
        thread.context.uc_stack.ss_sp = stack(index);
        thread.context.uc_stack.ss_size = stack_bytes;
        thread.context.uc_link = &main_;
        ::makecontext(
            &thread.context,
            [] {
                Thread& self = *current->running_;
                self.body();
                if (!self.buffer.empty()) current->yield(); // others may run before it is written
                flush(self);
                self.ended = true;
            },
            0);
    }

    // The thread whose turn it is. Staying with the last one costs nothing.
    Thread* choose() {
        for (;;) {
            std::vector<std::size_t> ready;
            if (threads_[last_]->is_ready()) ready.push_back(last_);
            const bool stays = !ready.empty();
            if (!stays || budget_ > 0)
                for (std::size_t i = 0; i < threads_.size(); ++i)
                    if (i != last_ && threads_[i]->is_ready()) ready.push_back(i);
            if (ready.empty()) return nullptr;
            const std::size_t chosen = ready.size() == 1 ? 0 : decisions_.decide(ready.size());
            if (stays && chosen != 0) --budget_;
            last_ = ready[chosen];
            Thread& thread = *threads_[last_];
            if (bounds_.killed != last_ || thread.steps++ != kill_before_) return &thread;
            thread.killed = killed_ = true;
            flush(thread);
            order_.push_back(last_ + 100);
        }
    }

    void resume(Thread& thread) {
        order_.push_back(last_);
        running_ = &thread;
        ::swapcontext(&main_, &thread.context);
        running_ = nullptr;
        if (thread.ended) next_ = choose();
    }
    // Continues with the thread whose turn it is, which is usually the caller.
    void yield() {
        next_ = choose();
        if (next_ == running_)
            order_.push_back(last_);
        else
            ::swapcontext(&running_->context, &main_);
    }

    std::string trace() const {
        std::string text = "; steps:";
        for (const std::size_t each : order_)
            text += each < 100 ? " " + std::to_string(each) : " kill " + std::to_string(each - 100);
        return text;
    }

    Decisions& decisions_;
    const Bounds& bounds_;
    std::optional<std::size_t> kill_before_;
    int budget_;
    std::vector<std::unique_ptr<Thread>> threads_;
    std::function<std::string()> check_;
    ucontext_t main_{};
    Thread* running_ = nullptr;
    Thread* next_ = nullptr; // null: all have ended or sleep
    std::size_t last_ = 0;
    bool killed_ = false;
    std::vector<std::size_t> order_;
};

bool stepping() { return current != nullptr && current->has_running(); }

} // namespace

namespace detail {

std::uint64_t load(const Word& word) { return stepping() ? current->load(word) : word.value; }

void store(Word& word, std::uint64_t value, std::memory_order order) {
    if (stepping())
        current->store(word, value, order);
    else
        word.value = value;
}

std::uint64_t& modify(Word& word) { return stepping() ? current->modify(word) : word.value; }

void wait(Word& word, std::uint64_t expected, bool timed) {
    if (stepping()) current->wait(word, expected, timed);
}

void wake(Word& word, int count) {
    if (stepping()) current->wake(word, count);
}

} // namespace detail

std::string explore(const Bounds& bounds, const std::function<void(Run&)>& set_up) {
    std::size_t executions = 0;
    // First without a kill, then with one before each step of the chosen thread.
    std::optional<std::size_t> kill_before;
    for (bool reached = true; reached;) {
        reached = false;
        Decisions decisions;
        do {
            Execution execution(decisions, bounds, kill_before);
            set_up(execution);
            const std::string wrong = execution.run();
            if (!wrong.empty()) return wrong + " (execution " + std::to_string(executions) + ")";
            reached = reached || execution.killed();
            if (++executions > bounds.executions)
                return "more than " + std::to_string(bounds.executions) + " executions";
        } while (decisions.next());
        if (!bounds.killed) break;
        if (!kill_before) reached = true;
        kill_before = kill_before ? *kill_before + 1 : 0;
    }
    return {};
}

const char* why_unavailable() {
    if (support::address_sanitizer || support::thread_sanitizer)
        return "this sanitizer does not know the stacks of the model's threads";
    return nullptr;
}

} // namespace model
