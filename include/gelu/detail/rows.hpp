// Tables whose rows stand in memory: a lane reads its row two columns at a time.
#ifndef GELU_DETAIL_ROWS_HPP
#define GELU_DETAIL_ROWS_HPP

#include "gelu/detail/lockstep.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// Whether a table is one of rows in memory.
template <class Table, class = void>
inline constexpr bool in_rows = false;
template <class Table>
inline constexpr bool in_rows<Table, std::void_t<decltype(Table::row)>> = true;

namespace ops {

/// Each lane's row of a table.
template <class I>
struct lane_rows {
    const double* at[I::size];
};
template <class I>
struct lane_rows<twin<I>> {
    lane_rows<I> first, second;
};

/// The rows index mod N.
template <std::size_t N, std::size_t K, class I>
GELU_ALWAYS_INLINE lane_rows<I> rows_at(const double (&table)[N][K], const I& index) noexcept {
    alignas(I) std::uint64_t i[I::size];
    (index & I(std::uint64_t(N - 1))).store_aligned(i);
    lane_rows<I> rows;
    for (std::size_t k = 0; k < I::size; ++k) rows.at[k] = table[i[k]];
    return rows;
}
template <std::size_t N, std::size_t K, class I>
GELU_ALWAYS_INLINE lane_rows<twin<I>> rows_at(const double (&table)[N][K],
                                              const twin<I>& index) noexcept {
    return {rows_at(table, index.first), rows_at(table, index.second)};
}

/// Columns k and k + 1 of the lanes' rows. Nobody keeps them in a const object: tuned for Zen 3,
/// GCC 12 copies that through memory in pieces, and the kernel takes five times as long.
template <class I>
GELU_ALWAYS_INLINE auto columns(const lane_rows<I>& rows, std::size_t k) noexcept {
    using B = typename float_of<I>::type;
    const auto at = [&](std::size_t lane) { return rows.at[lane] + k; };
    (void)at;
#if defined(__AVX__)
    if constexpr (sizeof(I) == 32) {
        const __m256d even = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(at(0))),
                                                  _mm_loadu_pd(at(2)), 1);
        const __m256d odd = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(at(1))),
                                                 _mm_loadu_pd(at(3)), 1);
        return twin<B>(_mm256_unpacklo_pd(even, odd), _mm256_unpackhi_pd(even, odd));
    } else
#endif
        if constexpr (I::size == 2) {
        const B even = load<B>(at(0)), odd = load<B>(at(1));
        return twin<B>(xsimd::zip_lo(even, odd), xsimd::zip_hi(even, odd));
    } else {
        alignas(B) double first[B::size], second[B::size];
        for (std::size_t lane = 0; lane < B::size; ++lane) {
            first[lane] = at(lane)[0];
            second[lane] = at(lane)[1];
        }
        return twin<B>(B::load_aligned(first), B::load_aligned(second));
    }
}
template <class I>
GELU_ALWAYS_INLINE auto columns(const lane_rows<twin<I>>& rows, std::size_t k) noexcept {
    auto a = columns(rows.first, k), b = columns(rows.second, k);
    using W = std::decay_t<decltype(a)>;
    return twin<W>(W(a.first, b.first), W(a.second, b.second));
}

#if defined(__AVX2__)
/// The lanes' rows of four columns, aligned. GCC 12 keeps such structures in memory, and copies
/// them in pieces, where they are const or hold an array: the kernel then takes nearly twice as
/// long.
template <class B>
struct four_columns {
    B first, second, third, fourth;
};
template <class I>
GELU_ALWAYS_INLINE auto all_four_columns(const lane_rows<I>& rows) noexcept {
    using B = typename float_of<I>::type;
#if defined(__AVX512F__)
    if constexpr (sizeof(I) == 64) {
        const auto two = [&](std::size_t a, std::size_t b) {
            return _mm512_mask_broadcast_f64x4(
                _mm512_maskz_broadcast_f64x4(all_8, _mm256_load_pd(rows.at[a])), 0xf0,
                _mm256_load_pd(rows.at[b]));
        };
        const __m512d a = two(0, 2), b = two(1, 3), c = two(4, 6), d = two(5, 7);
        const __m512d ab = _mm512_maskz_unpacklo_pd(all_8, a, b),
                      cd = _mm512_maskz_unpacklo_pd(all_8, c, d),
                      ab_odd = _mm512_maskz_unpackhi_pd(all_8, a, b),
                      cd_odd = _mm512_maskz_unpackhi_pd(all_8, c, d);
        return four_columns<B>{_mm512_maskz_shuffle_f64x2(all_8, ab, cd, 0x88),
                               _mm512_maskz_shuffle_f64x2(all_8, ab_odd, cd_odd, 0x88),
                               _mm512_maskz_shuffle_f64x2(all_8, ab, cd, 0xdd),
                               _mm512_maskz_shuffle_f64x2(all_8, ab_odd, cd_odd, 0xdd)};
    } else
#endif
    {
        const __m256d a = _mm256_load_pd(rows.at[0]), b = _mm256_load_pd(rows.at[1]),
                      c = _mm256_load_pd(rows.at[2]), d = _mm256_load_pd(rows.at[3]);
        const __m256d ab = _mm256_unpacklo_pd(a, b), ab_odd = _mm256_unpackhi_pd(a, b),
                      cd = _mm256_unpacklo_pd(c, d), cd_odd = _mm256_unpackhi_pd(c, d);
        return four_columns<B>{
            _mm256_permute2f128_pd(ab, cd, 0x20), _mm256_permute2f128_pd(ab_odd, cd_odd, 0x20),
            _mm256_permute2f128_pd(ab, cd, 0x31), _mm256_permute2f128_pd(ab_odd, cd_odd, 0x31)};
    }
}
template <class I>
GELU_ALWAYS_INLINE auto all_four_columns(const lane_rows<twin<I>>& rows) noexcept {
    auto a = all_four_columns(rows.first), b = all_four_columns(rows.second);
    using W = twin<std::decay_t<decltype(a.first)>>;
    return four_columns<W>{
        {a.first, b.first}, {a.second, b.second}, {a.third, b.third}, {a.fourth, b.fourth}};
}
#endif

/// a b - p, exact where p is a b rounded.
template <class B>
GELU_ALWAYS_INLINE B product_error(const B& a, const B& b, const B& p) noexcept {
    if constexpr (has_fma || sizeof(value_t<B>) == 4) {
        return ops::fms(a, b, p);
    } else {  // Dekker
        const B split(134217729.0);
        const B sa = split * a, sb = split * b;
        const B ah = sa - (sa - a), bh = sb - (sb - b), al = a - ah, bl = b - bh;
        return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
    }
}
/// a b + c as by FMA, for a c that cancels nearly all of the product.
template <class B>
GELU_ALWAYS_INLINE B fma_cancelling(const B& a, const B& b, const B& c) noexcept {
    if constexpr (has_fma || sizeof(value_t<B>) == 4) {
        return ops::fma(a, b, c);
    } else {
        const B p = a * b;
        return (p + c) + product_error(a, b, p);
    }
}

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
