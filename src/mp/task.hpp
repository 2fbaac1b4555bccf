#pragma once

/// Which callables may be sent to a worker, and how a callable becomes bytes.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/codec.hpp"

namespace mp {

namespace detail {

struct Nothing {}; // the result of a function that returns void

template <class R> using ResultOf = std::conditional_t<std::is_void_v<R>, Nothing, R>;

template <class F>
inline constexpr bool is_callable_by_bytes =
    std::is_trivially_copy_constructible_v<F> && std::is_trivially_destructible_v<F>;

/// Whether F can be called with the elements of the tuple T; std::apply itself would not compile.
template <class F, class T> consteval bool takes_tuple() {
    if constexpr (requires { std::tuple_size<T>::value; })
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return std::is_invocable_v<const F&,
                                       decltype(std::get<I>(std::declval<const T&>()))...>;
        }(std::make_index_sequence<std::tuple_size<T>::value>());
    else
        return false;
}

/// Why a call cannot be sent to a worker.
enum class Refusal { none, function, item, arguments, reference, result };

template <class R> consteval Refusal refusal_of_result() {
    if constexpr (std::is_void_v<R>)
        return Refusal::none;
    else if constexpr (std::is_reference_v<R>)
        return Refusal::reference;
    else
        return Sendable<std::remove_cv_t<R>> ? Refusal::none : Refusal::result;
}

/// Calls f(item), with void replaced by Nothing.
template <class F> struct MapCall {
    [[no_unique_address]] F function;

    /// Whether f(item) can be called in a worker, and if not, why.
    template <class T> static consteval Refusal refusal() {
        if constexpr (!is_callable_by_bytes<F>)
            return Refusal::function;
        else if constexpr (!Sendable<T>)
            return Refusal::item;
        else if constexpr (!std::is_invocable_v<const F&, const T&>)
            return Refusal::arguments;
        else
            return refusal_of_result<std::invoke_result_t<const F&, const T&>>();
    }

    template <class T>
    using Result = ResultOf<std::remove_cv_t<std::invoke_result_t<const F&, const T&>>>;

    template <class T> Result<T> operator()(const T& item) const {
        if constexpr (std::is_void_v<std::invoke_result_t<const F&, const T&>>) {
            std::invoke(function, item);
            return {};
        } else {
            return std::invoke(function, item);
        }
    }
};

/// The same for f(get<0>(item), get<1>(item), ...).
template <class F> struct StarCall {
    [[no_unique_address]] F function;

    template <class T>
    using Returned = decltype(std::apply(std::declval<const F&>(), std::declval<const T&>()));

    template <class T> static consteval Refusal refusal() {
        if constexpr (!is_callable_by_bytes<F>)
            return Refusal::function;
        else if constexpr (!Sendable<T>)
            return Refusal::item;
        else if constexpr (!takes_tuple<F, T>())
            return Refusal::arguments;
        else
            return refusal_of_result<Returned<T>>();
    }

    template <class T> using Result = ResultOf<std::remove_cv_t<Returned<T>>>;

    template <class T> Result<T> operator()(const T& item) const {
        if constexpr (std::is_void_v<Returned<T>>) {
            std::apply(function, item);
            return {};
        } else {
            return std::apply(function, item);
        }
    }
};

template <class Call> inline constexpr bool is_starmap = false;
template <class F> inline constexpr bool is_starmap<StarCall<F>> = true;

/// Whether a call can be sent to a worker; if not, the one error that the user reads.
template <class Call, class T> consteval bool check_call() {
    constexpr Refusal why = Call::template refusal<T>();
    static_assert(why != Refusal::function,
                  "mp: this function cannot be sent to a worker: capture only values that are "
                  "copied trivially, and a SharedArray by its span(); strings and vectors go as "
                  "items");
    static_assert(why != Refusal::item,
                  "mp: these items cannot be sent to a worker: send values (numbers, structs of "
                  "numbers, std containers of such, types with a serialize member), no pointers, "
                  "references, string_view or span");
    static_assert(why != Refusal::arguments || is_starmap<Call>,
                  "mp: map calls function(item); this function does not take an item of this type");
    static_assert(why != Refusal::arguments || !is_starmap<Call>,
                  "mp: starmap calls function(a, b, ...) with the parts of each tuple; this "
                  "function does not take such parts");
    static_assert(why != Refusal::reference,
                  "mp: this result cannot be sent back from a worker: it is a reference; return a "
                  "value, for example by a lambda: [](const auto& item) { return item.member; }");
    static_assert(why != Refusal::result,
                  "mp: this result cannot be sent back from a worker: return a value (numbers, "
                  "structs of numbers, std containers of such, types with a serialize member), no "
                  "pointer, reference, string_view or span");
    return why == Refusal::none;
}

/// The result type of a refused call. It fits into any expression, so that the refusal stays the
/// only error. A program with a refused call does not compile, so none of this ever runs.
struct Refused {
    template <class T> operator T() const { // NOLINT(google-explicit-constructor)
        std::terminate();
    }
    template <class... T> Refused get(T&&...) const { return {}; }
    template <class... T> bool wait(T&&...) const { return false; }
    template <class F> const Refused& on_result(F&&) const { return *this; }
    template <class F> const Refused& on_error(F&&) const { return *this; }
    bool ready() const { return false; }
    bool successful() const { return false; }
    bool cancel() const { return false; }
    const Refused* begin() const { return this; }
    const Refused* end() const { return this; }
    std::size_t size() const { return 0; }
    bool empty() const { return true; }
    Refused operator[](std::size_t) const { return {}; }
    Refused at(std::size_t) const { return {}; }
    Refused front() const { return {}; }
    Refused back() const { return {}; }
};

/// The result types of a call over items of type T: for one item and for all.
template <class Call, class T, Refusal why = Call::template refusal<T>()> struct Returns {
    using One = Refused;
    using All = Refused;
};
template <class Call, class T> struct Returns<Call, T, Refusal::none> {
    using Result = std::invoke_result_t<const Call&, const T&>;
    static constexpr bool is_void = std::is_same_v<Result, Nothing>;
    using One = std::conditional_t<is_void, void, Result>;
    using All = std::conditional_t<is_void, void, std::vector<Result>>;
};

/// Errors: std::invalid_argument when a word of the closure is an address on the calling thread's
/// stack.
void refuse_stack_addresses(const void* closure, std::size_t size);

/// A copy of a callable with its padding cleared, checked for captures by reference.
template <class F> class Closure {
public:
    explicit Closure(const F& function) {
        F* copy = ::new (static_cast<void*>(bytes_)) F(function);
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
        // Padding between members may contain an old stack address.
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

/// A callable whose bytes may lie at any address. If that address is not aligned for it, as for a
/// captured AVX vector, it is a copy.
template <class F> class CallableAt {
public:
    explicit CallableAt(const void* bytes) {
        if (is_demanding && reinterpret_cast<std::uintptr_t>(bytes) % alignof(F) != 0)
            bytes = std::uninitialized_copy_n(static_cast<const std::byte*>(bytes), sizeof copy_,
                                              copy_) -
                    sizeof copy_;
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

/// A callable that can be sent to a worker, under the rules of Pool::map. Empty by default. Errors:
/// std::invalid_argument for a capture by reference.
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
