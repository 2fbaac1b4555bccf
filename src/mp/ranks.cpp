#include "mp/ranks.hpp"

#include <stdexcept>

namespace mp {

namespace {

// MPI begins once in a program's life, and ends once.
std::unique_ptr<detail::Membership> join_once(const RanksOptions& options) {
    static bool joined = false;
    if (joined) throw std::logic_error("mp::Ranks: a program joins its job once");
    auto membership = detail::load_plugin(options).join(options);
    joined = true;
    return membership;
}

} // namespace

Ranks::Ranks(const RanksOptions& options) : membership_(join_once(options)) {
    detail::set_membership(membership_.get(), options.backend);
}

Ranks::~Ranks() { detail::set_membership(nullptr, {}); }

int Ranks::rank() const { return membership_->rank(); }

int Ranks::serve() noexcept { return membership_->serve(); }

} // namespace mp
