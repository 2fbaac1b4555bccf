#include "mp/ranks.hpp"

#include <stdexcept>

#include "mp/plugin.hpp"

namespace mp {

namespace {

// MPI can be initialized and finalized only once in a program.
std::unique_ptr<detail::Session> join_once(const RanksOptions& options) {
    static bool joined = false;
    if (joined) throw std::logic_error("mp::Ranks: a program joins its job once");
    auto session = detail::load_plugin(options).join(options);
    joined = true;
    return session;
}

} // namespace

Ranks::Ranks(const RanksOptions& options) : session_(join_once(options)) {
    detail::set_session(session_.get(), options.backend);
}

Ranks::~Ranks() { detail::set_session(nullptr, {}); }

int Ranks::rank() const { return session_->rank(); }

int Ranks::serve() noexcept { return session_->serve(); }

} // namespace mp
