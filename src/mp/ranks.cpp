#include "mp/ranks.hpp"

namespace mp {

Ranks::Ranks(const RanksOptions& options)
    : membership_(detail::load_plugin(options).join(options)) {
    detail::set_membership(membership_.get(), options.backend);
}

Ranks::~Ranks() { detail::set_membership(nullptr, {}); }

int Ranks::rank() const { return membership_->rank(); }

int Ranks::serve() noexcept { return membership_->serve(); }

} // namespace mp
