#include "mp/failure.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

namespace mp::detail {

namespace {

std::string demangled(const std::type_info* type) {
    if (type == nullptr) return "unknown type";
    int status = 0;
    std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : type->name();
}

std::string words_of_current_exception() {
    try {
        throw;
    } catch (const std::exception& error) {
        const char* text = error.what();
        return text != nullptr ? text : "";
    } catch (const std::string& text) {
        return text;
    } catch (const char* text) {
        return text != nullptr ? text : "";
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

} // namespace

Failure current_failure() noexcept {
    try {
        Failure failure;
        failure.type_name = demangled(abi::__cxa_current_exception_type());
        try {
            failure.what = words_of_current_exception();
        } catch (...) {
            failure.what = "an exception whose what() throws";
        }
        return failure;
    } catch (...) {
        return {};
    }
}

} // namespace mp::detail
