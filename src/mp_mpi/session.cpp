// How a rank joins: MPI begins, the ranks look whether they are of one build, and those beside rank
// 0 serve it until it leaves.

#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mp/mp.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "mp_mpi/backend.hpp"
#include "mp_mpi/backoff.hpp"
#include "mp_mpi/clock.hpp"
#include "mp_mpi/coordinator.hpp"
#include "mp_mpi/node_agent.hpp"
#include "mp_mpi/serial_worker.hpp"
#include "mp_mpi/sys/code_map.hpp"
#include "mp_mpi/sys/host.hpp"
#include "mp_mpi/sys/liveness.hpp"

namespace mp_mpi {

namespace {

// What ranks tell each other when they meet.
struct Card {
    std::array<char, 64> host{};
    std::array<char, 40> boot{};
    std::array<Module, 3> build{}; // the program, libmp where it is a library, this plugin
    unsigned processes = 0;
};

void copy(std::string_view text, char* to, std::size_t room) {
    std::memcpy(to, text.data(), std::min(text.size(), room - 1));
}

Card card_of_this() {
    Card card;
    copy(host_name(), card.host.data(), card.host.size());
    copy(boot_id(), card.boot.data(), card.boot.size());
    const std::vector<Module> modules = modules_here();
    card.build[0] = modules.front();
    for (const Module& each : modules) {
        const std::string_view name = each.name.data();
        if (name.starts_with("libmp.so")) card.build[1] = each;
        if (name.starts_with("libmp_mpi")) card.build[2] = each;
    }
    return card;
}

bool is_same_build(const Card& a, const Card& b) {
    for (std::size_t i = 0; i < a.build.size(); ++i)
        if (a.build[i].id_size != b.build[i].id_size || a.build[i].id != b.build[i].id)
            return false;
    return true;
}

// The variables that Open MPI, MPICH and its kin, PMIx and Slurm set for each rank.
bool was_launched() {
    return std::ranges::any_of(
        std::array{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "MPI_LOCALNRANKS"},
        [](const char* name) { return std::getenv(name) != nullptr; });
}

class MpiMembership final : public mp::detail::Membership {
public:
    explicit MpiMembership(const mp::RanksOptions& options) : processes_(options.processes) {
        if (!was_launched())
            throw std::runtime_error(
                "mp: the backend 'mpi' shares work out to other ranks, and there are none: start "
                "the program by mpirun -n 3, or by srun in a job of Slurm");
        if (processes_ != 0) found_team(); // before MPI: no worker has anything of it
        begin();
        try {
            meet();
        } catch (...) {
            MPI_Finalize();
            throw;
        }
    }

    ~MpiMembership() override {
        const bool cut_short = leader_ && (leader_->lost() || mp::interrupted());
        if (!refused_ && (cut_short || !part())) {
            give_up();
            return;
        }
        leader_.reset();
        local_.reset();
        MPI_Comm_free(&ranks_);
        MPI_Finalize();
        try {
            if (team_) team_->join();
        } catch (...) { // an interrupt; its own destructor ends it
        }
    }

    int rank() const override { return rank_; }
    unsigned workers() const override { return leader_ ? leader_->workers() : 0; }
    std::unique_ptr<mp::Backend> make_backend(mp::BackendOptions options) override {
        if (!leader_ || mp::this_process::pid() != pid_)
            throw std::logic_error(
                "mp::Pool: only rank 0's own program can make a pool over MPI; a "
                "task may make one of threads or processes");
        return std::make_unique<RanksBackend>(*leader_, std::move(options));
    }

    int serve() noexcept override {
        if (refused_) return 0; // a launcher ends all when one fails: before rank 0 has said why
        try {
            (void)std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
            lifeline_.bind_life();
            if (mp::interrupted()) (void)std::raise(SIGTERM); // what was only noted until here
            if (local_)
                serve_team();
            else
                serve_alone();
            return 0;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "rank %d on host %s: %s\n", rank_, host_name().c_str(),
                         error.what());
            std::_Exit(1); // the job cannot go on
        }
    }

private:
    // MPI cannot end well: whoever is gone would be waited for. An abort, too, waits for a host
    // that does not answer. After an interrupt the launcher ends all.
    void give_up() noexcept {
        if (!leader_ || !leader_->lost()) return;
        if (leader_->lost_host() && ends_by_launcher()) return;
        if (!leader_->told() || std::uncaught_exceptions() != 0) // who would say so comes too late
            std::fprintf(stderr, "%s\n", leader_->why_lost());
        std::fflush(nullptr);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }

    // A launcher that knows already ends the job by itself, and shows what was said only then.
    static bool ends_by_launcher() {
        constexpr auto longest = std::chrono::milliseconds(1200);
        const auto until = std::chrono::steady_clock::now() + longest;
        while (!mp::interrupted() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return mp::interrupted() || end_launcher();
    }

    // All ranks let go of each other; whether they did, as an interrupt or a loss ends it.
    bool part() noexcept {
        try {
            if (leader_) {
                const std::unique_lock held(leader_->mutex());
                leader_->end();
            }
            lifeline_.let_go();
            MPI_Request all_there{};
            MPI_Ibarrier(ranks_, &all_there);
            Pause pause;
            std::int64_t alone_ns = 0; // since when
            for (int there = 0; there == 0;) {
                MPI_Test(&all_there, &there, MPI_STATUS_IGNORE);
                if (leader_) leader_->look();
                if (there == 0 && lifeline_.ended()) { // of a good end, too, some hear late
                    constexpr std::int64_t late_ns = 2'000'000'000;
                    if (alone_ns == 0) alone_ns = now_ns();
                    if (now_ns() - alone_ns > late_ns) return false;
                }
                if (leader_ && leader_->discard()) {
                    pause.reset();
                } else if (there == 0) {
                    if (leader_ && (mp::interrupted() || leader_->lost())) return false;
                    pause.rest();
                }
            }
            return true;
        } catch (...) {
            return false;
        }
    }

    void found_team() {
        auto [mine, its] = Channel::pair();
        local_ = std::make_unique<Channel>(std::move(mine));
        team_ = std::make_unique<mp::Process>([this, &its] {
            local_.reset();
            be_team(std::move(its), processes_);
        });
        team_->start();
    }

    void begin() {
        int given = 0;
        MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &given);
        MPI_Comm_dup(MPI_COMM_WORLD, &ranks_);
        MPI_Comm_rank(ranks_, &rank_);
        MPI_Comm_size(ranks_, &size_);
        if (given < MPI_THREAD_SERIALIZED) {
            MPI_Finalize();
            throw std::runtime_error("mp: this MPI cannot be used by a program with threads (it "
                                     "offers less than MPI_THREAD_SERIALIZED)");
        }
    }

    void meet() {
        if (size_ == 1 && !local_)
            throw std::runtime_error(
                "mp: one rank is too few: rank 0 hands out the work, and the others do it; give "
                "mpirun -n 3 for two workers");
        Card mine = card_of_this();
        mine.processes = processes_;
        std::vector<Card> cards(static_cast<std::size_t>(size_));
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, cards.data(), sizeof mine, MPI_BYTE, ranks_);
        const auto stranger = std::ranges::find_if_not(
            cards, [&](const Card& each) { return is_same_build(each, cards[0]); });
        if (mine.build[0].id_size == 0 || stranger != cards.end()) {
            refused_ = true;
            if (rank_ != 0) return;
            if (stranger == cards.end())
                throw std::runtime_error(
                    "mp: the program has no build id, by which ranks know that "
                    "they are the same; link it with -Wl,--build-id");
            throw std::runtime_error(
                "mp: rank " + std::to_string(stranger - cards.begin()) + " on host " +
                stranger->host.data() + " runs another build of the program (" +
                stranger->build[0].id_text() + ", rank 0: " + mine.build[0].id_text() +
                "); install the same one on every host");
        }
        const auto other = std::ranges::find_if(
            cards, [&](const Card& c) { return (c.processes == 0) != (cards[0].processes == 0); });
        if (other != cards.end()) {
            refused_ = true;
            if (rank_ != 0) return;
            throw std::runtime_error("mp: rank " + std::to_string(other - cards.begin()) +
                                     " on host " + other->host.data() + " has " +
                                     std::to_string(other->processes) +
                                     " worker processes, rank 0 " + std::to_string(processes_) +
                                     "; give either every rank some, or none");
        }
        hold_on(std::ranges::all_of(cards, [&](const Card& c) { return c.host == mine.host; }));
        if (rank_ == 0) lead(cards);
    }

    // Ties the ranks' lives together.
    void hold_on(bool here_only) {
        std::unique_ptr<Listener> listener;
        Rendezvous rendezvous;
        if (rank_ == 0) {
            listener = std::make_unique<Listener>(here_only, static_cast<std::size_t>(size_));
            rendezvous = listener->rendezvous();
        }
        MPI_Bcast(&rendezvous, sizeof rendezvous, MPI_BYTE, 0, ranks_);
        if (rank_ != 0) lifeline_ = Lifeline::connect(rendezvous, rank_);
        int connected = lifeline_ ? 1 : 0, all = 0, told = 0;
        MPI_Request telling{};
        MPI_Ireduce(&connected, &all, 1, MPI_INT, MPI_SUM, 0, ranks_, &telling);
        while (MPI_Test(&telling, &told, MPI_STATUS_IGNORE), told == 0)
            if (listener) listener->take(); // more may come than can wait
        if (listener) lifelines_ = listener->finish(static_cast<std::size_t>(all));
        std::array lines{static_cast<int>(lifelines_.size()), all}; // that are there; of how many
        MPI_Bcast(lines.data(), 2, MPI_INT, 0, ranks_);
        if (lines[0] == lines[1]) return;
        refused_ = true;
        if (rank_ == 0)
            throw std::runtime_error(
                "mp: of the " + std::to_string(lines[1]) +
                " ranks that connected to rank 0 it could take " + std::to_string(lines[0]) +
                " within four seconds; raise the limit of open files (ulimit -n), and see that no "
                "other program connects to its ports");
    }

    void lead(const std::vector<Card>& cards) {
        std::vector<Endpoint> endpoints;
        for (std::size_t i = local_ ? 0 : 1; i < cards.size(); ++i) {
            const unsigned here = local_ ? cards[i].processes : 1;
            endpoints.push_back({.rank = static_cast<int>(i),
                                 .host = cards[i].host.data(),
                                 .workers = here,
                                 .same_host = cards[i].boot == cards[0].boot});
        }
        leader_ = std::make_unique<Leader>(ranks_, std::move(endpoints), std::move(local_),
                                           std::move(lifelines_));
    }

    void serve_alone() {
        Mail mail(ranks_);
        Single single([&mail](Message&& message) { mail.send(0, std::move(message)); });
        Message message;
        Pause pause;
        for (int from = 0;;) {
            if (!mail.receive(message, from)) {
                if (lifeline_.ended()) std::_Exit(1);
                pause.rest();
                continue;
            }
            if (message.header().kind == Kind::leave) break;
            // A long answer before the next item, which may take its time.
            (void)mail.flush(0.02);
            single.take(message);
            pause.reset();
        }
        while (!mail.flush(1)) {
        }
    }

    void serve_team() {
        Mail mail(ranks_);
        Message message;
        Pause pause;
        for (int from = 0;;) {
            bool any = false;
            if (mail.receive(message, from)) {
                const bool last = message.header().kind == Kind::leave;
                local_->send(std::exchange(message, {}));
                if (last) break;
                any = true;
            }
            for (; local_->receive(message); any = true) mail.send(0, std::exchange(message, {}));
            if (local_->ended()) {
                constexpr auto a_while = std::chrono::milliseconds(200);
                std::this_thread::sleep_for(a_while); // the same signal may end this one
                throw std::runtime_error("the process of its workers has ended");
            }
            if (any) {
                pause.reset();
                continue;
            }
            if (lifeline_.ended()) std::_Exit(1);
            const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(pause.next());
            if (rest.count() == 0)
                pause.rest();
            else
                local_->wait(rest);
        }
        while (local_->has_unsent() && !local_->ended()) {
            local_->push();
            local_->wait(std::chrono::milliseconds(1));
        }
        while (!mail.flush(1)) {
        }
    }

    unsigned processes_;
    std::unique_ptr<Channel> local_; // to the team; the leader's from when there is one
    std::unique_ptr<mp::Process> team_;
    MPI_Comm ranks_ = MPI_COMM_NULL;
    pid_t pid_ = mp::this_process::pid();
    int rank_ = 0, size_ = 1;
    bool refused_ = false;
    Lifeline lifeline_;
    Lifelines lifelines_;
    std::unique_ptr<Leader> leader_;
};

std::unique_ptr<mp::detail::Membership> join(const mp::RanksOptions& options) {
    return std::make_unique<MpiMembership>(options);
}

} // namespace

} // namespace mp_mpi

extern "C" {
// What mp::Ranks looks for.
[[gnu::visibility("default")]] extern const mp::detail::Plugin mp_plugin;
const mp::detail::Plugin mp_plugin = {mp::detail::Plugin::current_abi, mp_mpi::join};
}
