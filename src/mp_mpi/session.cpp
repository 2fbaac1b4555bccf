// How a rank joins: MPI is initialized, the ranks check that they run the same build, and all but
// rank 0 serve it until it leaves.

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
#include <mp/plugin.hpp>
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
#include "mp_mpi/sys/code_map.hpp"
#include "mp_mpi/sys/host.hpp"
#include "mp_mpi/sys/liveness.hpp"
#include "mp_mpi/sys/termination.hpp"
#include "mp_mpi/wire.hpp"

namespace mp_mpi {

namespace {

// What ranks exchange when they connect.
struct RankInfo {
    std::array<char, 64> host{};
    std::array<char, 40> boot{};
    std::array<LoadedObject, 3> build{}; // the program, libmp if it is a library, this plugin
    unsigned processes = 0;
};

void copy(std::string_view text, char* to, std::size_t room) {
    std::memcpy(to, text.data(), std::min(text.size(), room - 1));
}

RankInfo local_rank_info() {
    RankInfo info;
    copy(host_name(), info.host.data(), info.host.size());
    copy(boot_id(), info.boot.data(), info.boot.size());
    const std::vector<LoadedObject> objects = loaded_objects();
    info.build[0] = objects.front();
    for (const LoadedObject& each : objects) {
        const std::string_view name = each.name.data();
        if (name.starts_with("libmp.so")) info.build[1] = each;
        if (name.starts_with("libmp_mpi")) info.build[2] = each;
    }
    return info;
}

bool is_same_build(const RankInfo& a, const RankInfo& b) {
    for (std::size_t i = 0; i < a.build.size(); ++i)
        if (a.build[i].id_size != b.build[i].id_size || a.build[i].id != b.build[i].id)
            return false;
    return true;
}

// The variables that Open MPI, MPICH and its derivatives, PMIx and Slurm set for each rank.
bool was_launched() {
    return std::ranges::any_of(
        std::array{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "MPI_LOCALNRANKS"},
        [](const char* name) { return std::getenv(name) != nullptr; });
}

class MpiSession final : public mp::detail::Session {
public:
    explicit MpiSession(const mp::RanksOptions& options) : processes_(options.processes) {
        if (!was_launched())
            throw std::runtime_error(
                "mp: the backend 'mpi' shares work out to other ranks, and there are none: start "
                "the program by mpirun -n 3, or by srun in a job of Slurm");
        if (processes_ != 0) start_node_agent(); // before MPI: no worker inherits any of it
        begin();
        try {
            meet();
        } catch (...) {
            MPI_Finalize();
            throw;
        }
    }

    ~MpiSession() override {
        const bool cut_short =
            unable_ || (coordinator_ && (coordinator_->lost() || mp::interrupted()));
        if (!refused_ && (cut_short || !part())) {
            give_up();
            return;
        }
        coordinator_.reset();
        local_.reset();
        MPI_Comm_free(&ranks_);
        MPI_Finalize();
        try {
            if (node_agent_) node_agent_->join();
        } catch (...) { // an interrupt; its own destructor ends it
        }
    }

    int rank() const override { return rank_; }
    unsigned workers() const override { return coordinator_ ? coordinator_->workers() : 0; }
    std::unique_ptr<mp::detail::Backend> make_backend(mp::detail::BackendOptions options) override {
        if (!coordinator_ || mp::this_process::pid() != pid_)
            throw std::logic_error(
                "mp::Pool: only rank 0's own program can make a pool over MPI; a "
                "task may make one of threads or processes");
        return std::make_unique<RanksBackend>(*coordinator_, std::move(options));
    }

    int serve() noexcept override {
        if (refused_)
            return 0; // a launcher ends all ranks when one fails: before rank 0 has reported why
        try {
            (void)std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
            link_.exit_with_coordinator();
            if (mp::interrupted()) end_by_signal(SIGTERM); // until now it was only noted
            Transport transport(ranks_);
            try {
                OwnAgent own;
                unable_ = !serve_agent(local_ ? static_cast<AgentLink&>(*local_) : own, transport);
            } catch (const std::exception& error) {
                unable_ = true;
                tell_unable(transport, error.what());
            }
        } catch (...) { // nor could it report it
            unable_ = true;
        }
        return unable_ ? 1 : 0;
    }

private:
    // MPI cannot finalize properly: it would wait for the ranks that are gone. After an interrupt
    // the launcher ends all. If no call reported the loss to the program, the log has it.
    void give_up() noexcept {
        if (unable_) exit_rank();
        if (!coordinator_ || !coordinator_->lost()) return;
        if (!coordinator_->told()) mp::log(mp::LogLevel::warning, coordinator_->why_lost());
        end_job_at_exit([] { MPI_Abort(MPI_COMM_WORLD, 1); }, coordinator_->lost_host());
        (void)coordinator_.release(); // others would end before this process does, and so end it
        (void)node_agent_.release();  // the same
    }

    // Rank 0 ends first: a launcher that sees another rank end may kill rank 0 before it has
    // reported why.
    void tell_unable(Transport& transport, std::string_view why) {
        constexpr auto longest = std::chrono::seconds(5);
        Message message(Header{.kind = Kind::unable});
        put_text(message, why);
        transport.send(0, std::move(message));
        for (const auto until = Clock::now() + longest; Clock::now() < until && !link_.ended();)
            if (transport.flush(0.01)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }

    // All ranks disconnect. Returns whether they did; an interrupt or a loss prevents it.
    bool part() noexcept {
        try {
            if (coordinator_) {
                const std::unique_lock held(coordinator_->mutex());
                coordinator_->end();
            }
            link_.release();
            MPI_Request all_there{};
            MPI_Ibarrier(ranks_, &all_there);
            Backoff backoff;
            std::int64_t alone_ns = 0; // since when only rank 0 has been connected
            for (int there = 0; there == 0;) {
                MPI_Test(&all_there, &there, MPI_STATUS_IGNORE);
                if (coordinator_) coordinator_->look();
                if (there == 0 && link_.ended()) { // some learn even of a good end late
                    constexpr std::int64_t late_ns = 2'000'000'000;
                    if (alone_ns == 0) alone_ns = now_ns();
                    if (now_ns() - alone_ns > late_ns) return false;
                }
                if (coordinator_ && coordinator_->discard()) {
                    backoff.reset();
                } else if (there == 0) {
                    if (coordinator_ && (mp::interrupted() || coordinator_->lost())) return false;
                    backoff.rest();
                }
            }
            return true;
        } catch (...) {
            return false;
        }
    }

    void start_node_agent() {
        auto [mine, its] = Channel::pair();
        local_ = std::make_unique<Channel>(std::move(mine));
        node_agent_ = std::make_unique<mp::Process>([this, &its] {
            local_.reset();
            run_node_agent(std::move(its), processes_);
        });
        node_agent_->start();
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
        RankInfo mine = local_rank_info();
        mine.processes = processes_;
        std::vector<RankInfo> rank_infos(static_cast<std::size_t>(size_));
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, rank_infos.data(), sizeof mine, MPI_BYTE,
                      ranks_);
        const auto stranger = std::ranges::find_if_not(
            rank_infos, [&](const RankInfo& each) { return is_same_build(each, rank_infos[0]); });
        if (mine.build[0].id_size == 0 || stranger != rank_infos.end()) {
            refused_ = true;
            if (rank_ != 0) return;
            if (stranger == rank_infos.end())
                throw std::runtime_error(
                    "mp: the program has no build id, by which ranks know that "
                    "they are the same; link it with -Wl,--build-id");
            throw std::runtime_error(
                "mp: rank " + std::to_string(stranger - rank_infos.begin()) + " on host " +
                stranger->host.data() + " runs another build of the program (" +
                stranger->build[0].id_text() + ", rank 0: " + mine.build[0].id_text() +
                "); install the same one on every host");
        }
        const auto other = std::ranges::find_if(rank_infos, [&](const RankInfo& c) {
            return (c.processes == 0) != (rank_infos[0].processes == 0);
        });
        if (other != rank_infos.end()) {
            refused_ = true;
            if (rank_ != 0) return;
            throw std::runtime_error("mp: rank " + std::to_string(other - rank_infos.begin()) +
                                     " on host " + other->host.data() + " has " +
                                     std::to_string(other->processes) +
                                     " worker processes, rank 0 " + std::to_string(processes_) +
                                     "; give either every rank some, or none");
        }
        hold_on(std::ranges::all_of(rank_infos,
                                    [&](const RankInfo& c) { return c.host == mine.host; }));
        if (rank_ == 0) start_coordinator(rank_infos);
    }

    // Ties the lives of the ranks together.
    void hold_on(bool local_only) {
        std::unique_ptr<Listener> listener;
        Rendezvous rendezvous;
        if (rank_ == 0) {
            listener = std::make_unique<Listener>(local_only, static_cast<std::size_t>(size_));
            rendezvous = listener->rendezvous();
        }
        MPI_Bcast(&rendezvous, sizeof rendezvous, MPI_BYTE, 0, ranks_);
        if (rank_ != 0) link_ = LivenessLink::connect(rendezvous, rank_);
        int connected = link_ ? 1 : 0, all = 0, told = 0;
        MPI_Request telling{};
        MPI_Ireduce(&connected, &all, 1, MPI_INT, MPI_SUM, 0, ranks_, &telling);
        while (MPI_Test(&telling, &told, MPI_STATUS_IGNORE), told == 0)
            if (listener) listener->take(); // more connections may arrive than can wait
        if (listener) monitor_ = listener->finish(static_cast<std::size_t>(all));
        std::array lines{static_cast<int>(monitor_.size()), all}; // connected ranks; all ranks
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

    void start_coordinator(const std::vector<RankInfo>& rank_infos) {
        std::vector<Endpoint> endpoints;
        for (std::size_t i = local_ ? 0 : 1; i < rank_infos.size(); ++i) {
            const unsigned workers = local_ ? rank_infos[i].processes : 1;
            endpoints.push_back({.rank = static_cast<int>(i),
                                 .host = rank_infos[i].host.data(),
                                 .workers = workers,
                                 .same_host = rank_infos[i].boot == rank_infos[0].boot});
        }
        coordinator_ = std::make_unique<Coordinator>(ranks_, std::move(endpoints),
                                                     std::move(local_), std::move(monitor_));
    }

    // Forwards messages between rank 0 and this rank's node agent until rank 0 leaves. Returns
    // whether it left, rather than ended.
    bool serve_agent(AgentLink& agent, Transport& transport) const {
        Message message;
        Backoff backoff;
        for (int from = 0;;) {
            bool any = transport.receive(message, from);
            if (any && message.header().kind == Kind::leave) break;
            // A long answer is sent before the next item, which this rank itself may run for a
            // while.
            if (any && processes_ == 0) (void)transport.flush(0.02);
            if (any) agent.send(std::exchange(message, {}));
            for (; agent.receive(message); any = true)
                transport.send(0, std::exchange(message, {}));
            if (agent.ended()) {
                constexpr auto a_while = std::chrono::milliseconds(200);
                std::this_thread::sleep_for(a_while); // the same signal may end this rank
                throw std::runtime_error("the process of its workers has ended");
            }
            if (any) {
                backoff.reset();
                continue;
            }
            if (link_.ended()) return false;
            const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(backoff.next());
            if (rest.count() == 0)
                backoff.rest();
            else
                agent.wait(rest);
        }
        agent.send(std::move(message));
        while (agent.has_unsent() && !agent.ended()) agent.wait(std::chrono::milliseconds(1));
        while (!transport.flush(1)) {
        }
        return true;
    }

    unsigned processes_;
    std::unique_ptr<Channel>
        local_; // to the node agent; moved into the coordinator once that exists
    std::unique_ptr<mp::Process> node_agent_;
    MPI_Comm ranks_ = MPI_COMM_NULL;
    pid_t pid_ = mp::this_process::pid();
    int rank_ = 0, size_ = 1;
    bool refused_ = false, unable_ = false;
    LivenessLink link_;
    LivenessMonitor monitor_;
    std::unique_ptr<Coordinator> coordinator_;
};

std::unique_ptr<mp::detail::Session> join(const mp::RanksOptions& options) {
    return std::make_unique<MpiSession>(options);
}

} // namespace

} // namespace mp_mpi

extern "C" {
// What mp::Ranks looks for.
[[gnu::visibility("default")]] extern const mp::detail::Plugin mp_plugin;
const mp::detail::Plugin mp_plugin = {mp::detail::Plugin::current_abi, mp_mpi::join};
}
