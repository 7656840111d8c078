// The vocabulary on batches. The only file that knows xsimd versions and intrinsics.
#ifndef GELU_DETAIL_OPS_HPP
#define GELU_DETAIL_OPS_HPP

#if defined(__has_include)
#if !__has_include(<xsimd/xsimd.hpp>)
#error \
    "gelu needs the header-only library xsimd 8.1 or later (Debian: apt-get install libxsimd-dev); put its include folder on the include path, or include gelu/scalar.hpp, which does without"
#endif
#endif

#include <cstddef>
#include <cstring>
#include <xsimd/xsimd.hpp>

#include "gelu/detail/config.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {

template <class B>
using value_t = typename B::value_type;

template <class B>
GELU_ALWAYS_INLINE B load(const value_t<B>* p) noexcept {
    return B::load_unaligned(p);
}

template <class B>
GELU_ALWAYS_INLINE void store(value_t<B>* p, const B& v) noexcept {
    v.store_unaligned(p);
}

/// The first n lanes from memory, the others zero; reads nothing behind p + n.
template <class B>
GELU_ALWAYS_INLINE B load_first(const value_t<B>* p, std::size_t n) noexcept {
    alignas(B) value_t<B> lanes[B::size] = {};
    std::memcpy(lanes, p, n * sizeof(value_t<B>));
    return B::load_aligned(lanes);
}

/// The first n lanes to memory; writes nothing behind p + n.
template <class B>
GELU_ALWAYS_INLINE void store_first(value_t<B>* p, const B& v, std::size_t n) noexcept {
    alignas(B) value_t<B> lanes[B::size];
    v.store_aligned(lanes);
    std::memcpy(p, lanes, n * sizeof(value_t<B>));
}

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
