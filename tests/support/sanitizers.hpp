#pragma once

namespace support {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MPWORKSHOP_ADDRESS_SANITIZER
#endif
#if __has_feature(thread_sanitizer)
#define MPWORKSHOP_THREAD_SANITIZER
#endif
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(MPWORKSHOP_ADDRESS_SANITIZER)
inline constexpr bool address_sanitizer = true; // a fork takes fifty times as long
#else
inline constexpr bool address_sanitizer = false;
#endif
#if defined(__SANITIZE_THREAD__) || defined(MPWORKSHOP_THREAD_SANITIZER)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

#undef MPWORKSHOP_ADDRESS_SANITIZER
#undef MPWORKSHOP_THREAD_SANITIZER

} // namespace support
