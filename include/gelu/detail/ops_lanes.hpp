// Some lanes of a batch: marked, packed together, put back.
#ifndef GELU_DETAIL_OPS_LANES_HPP
#define GELU_DETAIL_OPS_LANES_HPP

#include "gelu/detail/lockstep.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {

/// Whether instructions pack the lanes of B.
template <class B>
constexpr bool packs() noexcept {
#if defined(__AVX512F__)
    if (sizeof(B) == 64) return sizeof(value_t<B>) == 4;
#endif
#if defined(__AVX2__)
    if (sizeof(B) == 32) return sizeof(value_t<B>) == 4;
#endif
    return false;
}

/// Lane k is marked where bit k is set.
using marks = std::uint64_t;

/// The lanes of B that fulfil a condition.
template <class B, class M>
GELU_ALWAYS_INLINE marks marks_of(const M& condition) noexcept {
#if defined(__AVX512F__)
    if constexpr (packs<B>() && sizeof(B) == 64)
        return static_cast<typename M::register_type>(condition);
    else
#endif
#if defined(__AVX2__)
        if constexpr (packs<B>())
        return static_cast<unsigned>(_mm256_movemask_ps(condition));
    else
#endif
    {
        bool lanes[B::size];
        condition.store_unaligned(lanes);
        marks m = 0;
        for (std::size_t i = 0; i < B::size; ++i) m |= marks(lanes[i]) << i;
        return m;
    }
}

/// The lanes that are marked in all batches of a twin's condition.
template <class B, class M>
GELU_ALWAYS_INLINE marks common_marks(const M& condition) noexcept {
    return marks_of<B>(condition);
}
template <class B, class M>
GELU_ALWAYS_INLINE marks common_marks(const twin_mask<M>& condition) noexcept {
    return common_marks<B>(condition.first) & common_marks<B>(condition.second);
}
/// Whether all lanes fulfil a condition.
template <class B, class M>
GELU_ALWAYS_INLINE bool all(const M& condition) noexcept {
    return common_marks<B>(condition) == (marks(1) << B::size) - 1;
}

GELU_ALWAYS_INLINE std::size_t count(marks m) noexcept {
    std::size_t n = 0;
#if defined(__GNUC__) || defined(__clang__)
    n = static_cast<std::size_t>(__builtin_popcountll(m));
#else
    for (; m != 0; m &= m - 1) ++n;
#endif
    return n;
}

/// The number of zeros below the lowest bit that is set.
GELU_ALWAYS_INLINE std::size_t zeros_below(marks set) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    return static_cast<std::size_t>(__builtin_ctzll(set));
#else
    std::size_t n = 0;
    for (; (set & 1) == 0; set >>= 1) ++n;
    return n;
#endif
}

#if defined(__AVX2__)
/// For each set of eight lanes: the lanes in it (Pack), or for each lane how many of the set
/// precede it, and 128 more if it is in the set; a byte each.
template <bool Pack>
struct lane_orders {
    std::uint64_t of[256];
    constexpr lane_orders() noexcept : of() {
        for (unsigned set = 0; set < 256; ++set) {
            std::uint64_t bytes = 0;
            unsigned n = 0;
            for (unsigned lane = 0; lane < 8; ++lane) {
                const unsigned is_in = set >> lane & 1;
                if (!Pack) bytes |= std::uint64_t(n | is_in << 7) << (8 * lane);
                if (Pack && is_in != 0) bytes |= std::uint64_t(lane) << (8 * n);
                n += is_in;
            }
            of[set] = bytes;
        }
    }
};
template <bool Pack>
inline constexpr lane_orders<Pack> lane_order{};

template <bool Pack>
GELU_ALWAYS_INLINE __m256i lane_order_of(marks m) noexcept {
    return _mm256_cvtepi8_epi32(
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&lane_order<Pack>.of[m])));
}
#endif

/// The marked lanes side by side at p; what follows them there is overwritten too, as far as a
/// whole batch reaches.
template <class B>
GELU_ALWAYS_INLINE void store_packed(value_t<B>* p, const B& x, marks m) noexcept {
#if defined(__AVX512F__)
    if constexpr (packs<B>() && sizeof(B) == 64)
        _mm512_storeu_ps(p, _mm512_maskz_compress_ps(static_cast<__mmask16>(m), x));
    else
#endif
#if defined(__AVX2__)
        if constexpr (packs<B>())
        _mm256_storeu_ps(p, _mm256_permutevar8x32_ps(x, lane_order_of<true>(m)));
    else
#endif
    {
        alignas(B) value_t<B> lanes[B::size];
        x.store_aligned(lanes);
        for (std::size_t i = 0; i < B::size; ++i)
            if ((m >> i & 1) != 0) *p++ = lanes[i];
    }
}

/// x with its marked lanes replaced by those that stand side by side at p.
template <class B>
GELU_ALWAYS_INLINE B load_packed(const value_t<B>* p, const B& x, marks m) noexcept {
#if defined(__AVX512F__)
    if constexpr (packs<B>() && sizeof(B) == 64)
        return _mm512_mask_expand_ps(x, static_cast<__mmask16>(m), _mm512_loadu_ps(p));
    else
#endif
#if defined(__AVX2__)
        if constexpr (packs<B>()) {
        const __m256i order = lane_order_of<false>(m);
        return _mm256_blendv_ps(x, _mm256_permutevar8x32_ps(_mm256_loadu_ps(p), order),
                                _mm256_castsi256_ps(order));
    } else
#endif
    {
        alignas(B) value_t<B> lanes[B::size];
        x.store_aligned(lanes);
        for (std::size_t i = 0; i < B::size; ++i)
            if ((m >> i & 1) != 0) lanes[i] = *p++;
        return B::load_aligned(lanes);
    }
}

/// The least bits, as an unsigned integer, of the lanes that are not zero, less 1.
template <class B>
GELU_ALWAYS_INLINE integer_t<B> least_bits(const B& x) noexcept {
    return bits(magnitude(x)) - integer_t<B>(1);
}
template <class I>
GELU_ALWAYS_INLINE I lesser(const I& a, const I& b) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(I) == 64 && sizeof(value_t<I>) == 4)
        return I(_mm512_maskz_min_epu32(all_16, a, b));
    else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(I) == 32 && sizeof(value_t<I>) == 4)
        return I(_mm256_min_epu32(a, b));
    else
#endif
        return xsimd::min(a, b);
}
template <class B>
GELU_ALWAYS_INLINE auto least_bits(const twin<B>& x) noexcept {
    return lesser(least_bits(x.first), least_bits(x.second));
}
/// Twice the least bits but the sign, zeros among them: cheaper than least_bits().
template <class B>
GELU_ALWAYS_INLINE integer_t<B> least_doubled(const B& x) noexcept {
    return bits(x) + bits(x);
}
template <class B>
GELU_ALWAYS_INLINE auto least_doubled(const twin<B>& x) noexcept {
    return lesser(least_doubled(x.first), least_doubled(x.second));
}
/// Not 0 if lanes are below limit, which is negative; negative NaNs count as such.
template <class B, class W>
GELU_ALWAYS_INLINE unsigned lanes_below(const W& x, value_t<B> limit) noexcept {
    const auto greatest = bits(greatest_bits(x));
#if defined(__AVX512F__)
    if constexpr (packs<B>() && sizeof(B) == 64)
        return _mm512_cmpgt_epu32_mask(greatest, bits(B(limit)));
    else
#endif
#if defined(__AVX2__)
        if constexpr (packs<B>()) {
        const __m256i least = bits(B(limit)) + integer_t<B>(1);
        return static_cast<unsigned>(_mm256_movemask_ps(
            _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_max_epu32(greatest, least), greatest))));
    } else
#endif
        return xsimd::any(greatest > bits(B(limit)));
}
/// Whether each of 64 numbers is not 0. Stores take fewer instructions than setting a bit each.
class flags {
public:
    GELU_ALWAYS_INLINE void set(std::size_t k, unsigned v) noexcept {
        of_[k] = static_cast<std::uint16_t>(v);
    }
    GELU_ALWAYS_INLINE ops::marks marks() const noexcept {
        ops::marks m = 0;
#if defined(__AVX2__)
        for (int i = 0; i < 2; ++i) {
            const auto* p = reinterpret_cast<const __m256i*>(of_ + 32 * i);
            // Saturation leaves what is not 0 so.
            const __m256i bytes = _mm256_permute4x64_epi64(
                _mm256_packs_epi16(_mm256_load_si256(p), _mm256_load_si256(p + 1)), 0xd8);
            const auto zeros = static_cast<unsigned>(
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())));
            m |= ops::marks(~zeros) << (32 * i);
        }
#else
        for (int i = 0; i < 64; ++i) m |= ops::marks(of_[i] != 0) << i;
#endif
        return m;
    }

private:
    alignas(32) std::uint16_t of_[64] = {};
};
/// Whether any lane fulfils a condition.
template <class M>
GELU_ALWAYS_INLINE bool any_of(const M& condition) noexcept {
    return xsimd::any(condition);
}
template <class M>
GELU_ALWAYS_INLINE bool any_of(const twin_mask<M>& condition) noexcept {
    return any_of(condition.first | condition.second);
}
/// Whether a lane is of a magnitude below limit.
template <class W>
GELU_ALWAYS_INLINE bool any_small(const W& x, value_t<W> limit) noexcept {
    return any_of(below(magnitude(x), W(limit)));  // not by the least of them: a NaN would hide it
}
/// The same without zeros, where instructions order unsigned integers.
template <class W>
GELU_ALWAYS_INLINE bool any_tiny(const W& x, value_t<W> limit) noexcept {
    using B = single_t<W>;
    if constexpr (packs<B>()) {
        const auto least = least_bits(x);
        return any_less(least, bits(B(limit)) - integer_t<B>(1));
    } else {
        return any_small(x, limit);
    }
}

/// x/2, |x| < 1, without arithmetic on subnormal numbers but additions.
template <class W>
GELU_ALWAYS_INLINE W half_of(const W& x) noexcept {
    using T = value_t<W>;
    constexpr T smallest = sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-1022);  // normal number
    const W least(2 * smallest), size = magnitude(x);
    const auto count = bits(at_most(size, least) + least) - bits(least);
    const auto by_exponent = bits(size) - bits(W(smallest));
    return with_sign_of(select(below(size, least), from_bits(count), from_bits(by_exponent)), x);
}

/// Below 128 << 23 where a b, or b itself, may be subnormal, b < 2 and not 0.
template <class B>
GELU_ALWAYS_INLINE auto product_bits(const B& a, const B& b) noexcept {
    using I = integer_t<B>;
    const I exponents = lesser(bits(magnitude(a)), I(127u << 23)), size = bits(magnitude(b));
    // The sum of the exponents, too large where b is 0.
    return (exponents + size) | ((size - I(1)) & I(1u << 31));
}
template <class B>
GELU_ALWAYS_INLINE auto product_bits(const twin<B>& a, const twin<B>& b) noexcept {
    return lesser(product_bits(a.first, b.first), product_bits(a.second, b.second));
}

template <class B>
GELU_ALWAYS_INLINE auto least_of(const B& size) noexcept {
    return bits(size);
}
template <class B>
GELU_ALWAYS_INLINE auto least_of(const twin<B>& size) noexcept {
    return lesser(least_of(size.first), least_of(size.second));
}
/// Whether a lane of x is below cut < 0, or one of size >= 0 below tiny; negative NaNs count as
/// such.
template <class W>
GELU_ALWAYS_INLINE bool any_below_or_tiny(const W& x, value_t<W> cut, const W& size,
                                          value_t<W> tiny) noexcept {
    using B = single_t<W>;
    const auto greatest = bits(greatest_bits(x)), least = least_of(size);
    const auto cut_bits = bits(B(cut)), tiny_bits = bits(B(tiny));
#if defined(__AVX512F__)
    if constexpr (packs<B>() && sizeof(B) == 64)
        return _mm512_kortestz(_mm512_cmpgt_epu32_mask(greatest, cut_bits),
                               _mm512_cmplt_epu32_mask(least, tiny_bits)) == 0;
    else
#endif
        return any_less(cut_bits, greatest) || any_less(least, tiny_bits);
}

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
