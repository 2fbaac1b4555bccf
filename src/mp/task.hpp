#pragma once

/// What may be called in a worker, and how a callable becomes bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/codec.hpp"

namespace mp {

namespace detail {

template <class F>
inline constexpr bool is_callable_by_bytes =
    std::is_trivially_copy_constructible_v<F> && std::is_trivially_destructible_v<F>;

/// Whether F can be called with the parts of the tuple T; std::apply itself would fail to compile.
template <class F, class T> consteval bool takes_tuple() {
    if constexpr (requires { std::tuple_size<T>::value; })
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return std::is_invocable_v<const F&,
                                       decltype(std::get<I>(std::declval<const T&>()))...>;
        }(std::make_index_sequence<std::tuple_size<T>::value>());
    else
        return false;
}

template <class R> inline constexpr bool is_result = std::is_void_v<R> || Sendable<R>;

/// The sentences that a user reads, one for each refusal, and no further error after it.
#define MP_REFUSE_FUNCTION                                                                         \
    "mp: this function cannot be sent to a worker: capture only values that are copied "           \
    "trivially, and a SharedArray "                                                                \
    "by its span(); strings and vectors go as items"
#define MP_REFUSE_ITEM                                                                             \
    "mp: these items cannot be sent to a worker: send values (numbers, structs of numbers, std "   \
    "containers of such, "                                                                         \
    "types with a serialize member), no pointers, references, string_view or span"
#define MP_REFUSE_RESULT                                                                           \
    "mp: this result cannot be sent back from a worker: return a value (numbers, structs of "      \
    "numbers, std containers "                                                                     \
    "of such, types with a serialize member), no pointer, reference, string_view or span"

template <class F, class T> consteval bool check_map() {
    constexpr bool function = is_callable_by_bytes<F>;
    static_assert(function, MP_REFUSE_FUNCTION);
    static_assert(!function || Sendable<T>, MP_REFUSE_ITEM);
    if constexpr (function && Sendable<T>) {
        constexpr bool fits = std::is_invocable_v<const F&, const T&>;
        static_assert(
            fits, "mp: map calls function(item); this function does not take an item of this type");
        if constexpr (fits) {
            constexpr bool result = is_result<std::invoke_result_t<const F&, const T&>>;
            static_assert(result, MP_REFUSE_RESULT);
            return result;
        }
    }
    return false;
}

template <class F, class T> consteval bool check_starmap() {
    constexpr bool function = is_callable_by_bytes<F>;
    static_assert(function, MP_REFUSE_FUNCTION);
    static_assert(!function || Sendable<T>, MP_REFUSE_ITEM);
    if constexpr (function && Sendable<T>) {
        constexpr bool fits = takes_tuple<F, T>();
        static_assert(fits, "mp: starmap calls function(a, b, ...) with the parts of each tuple; "
                            "this function does "
                            "not take such parts");
        if constexpr (fits) {
            constexpr bool result =
                is_result<decltype(std::apply(std::declval<const F&>(), std::declval<const T&>()))>;
            static_assert(result, MP_REFUSE_RESULT);
            return result;
        }
    }
    return false;
}

#undef MP_REFUSE_FUNCTION
#undef MP_REFUSE_ITEM
#undef MP_REFUSE_RESULT

/// What a refused call returns, so that the refusal stays the only error.
struct Refused {
    template <class T> operator T() const; // NOLINT(google-explicit-constructor)
};

/// Errors: std::invalid_argument when a word of the closure is an address on the calling thread's
/// stack.
void refuse_stack_addresses(const void* closure, std::size_t size);

/// A copy of a callable, its padding cleared, that has been looked through for captures by
/// reference.
template <class F> class Closure {
public:
    explicit Closure(const F& function) {
        F* copy = ::new (static_cast<void*>(bytes_)) F(function);
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
        // What a compiler leaves between members may be an old stack address.
        if constexpr (std::is_trivially_copyable_v<F>) __builtin_clear_padding(copy);
#endif
#endif
        (void)copy;
        if constexpr (!std::is_empty_v<F>) refuse_stack_addresses(bytes_, sizeof(F));
    }
    const void* data() const { return bytes_; }

private:
    alignas(F) std::byte bytes_[sizeof(F)] = {};
};

/// A callable whose bytes may stand at any address: there, or if that is not aligned for it, as for
/// a captured AVX vector, a copy.
template <class F> class CallableAt {
public:
    explicit CallableAt(const void* bytes) {
        if (is_demanding && reinterpret_cast<std::uintptr_t>(bytes) % alignof(F) != 0)
            bytes = std::memcpy(copy_, bytes, sizeof copy_);
        callable_ = std::launder(static_cast<const F*>(bytes));
    }
    CallableAt(const CallableAt&) = delete;
    CallableAt& operator=(const CallableAt&) = delete;
    const F& operator*() const { return *callable_; }

private:
    static constexpr bool is_demanding = alignof(F) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

    const F* callable_;
    alignas(F) std::byte copy_[is_demanding ? sizeof(F) : 1];
};

} // namespace detail

template <class Signature> class Task;

/// A callable that can be sent to a worker, under the rule of Pool::map. Empty by default.
/// Errors: std::invalid_argument for a capture by reference.
template <> class Task<void()> {
public:
    Task() = default;
    template <class F>
        requires(std::is_invocable_v<const F&> && !std::is_same_v<F, Task>)
    Task(
        F function) { // NOLINT(google-explicit-constructor): written as {.initializer = [] { ... }}
        static_assert(
            detail::is_callable_by_bytes<F>,
            "mp: this initializer cannot be sent to a worker: capture only values that are copied "
            "trivially, and a SharedArray by its span()");
        if constexpr (detail::is_callable_by_bytes<F>) {
            const detail::Closure<F> closure(function);
            const auto* bytes = static_cast<const std::byte*>(closure.data());
            initializer_.closure.assign(bytes, bytes + sizeof(F));
            initializer_.run = [](const void* data) {
                const detail::CallableAt<F> callable(data);
                std::invoke(*callable);
            };
        }
    }

    const detail::Initializer& initializer() const { return initializer_; }

private:
    detail::Initializer initializer_;
};

} // namespace mp
