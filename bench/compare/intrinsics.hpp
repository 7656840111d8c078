// Plain vectors of the widest set this file is compiled for; GCC and Clang give them operators.
#ifndef GELU_BENCH_COMPARE_INTRINSICS_HPP
#define GELU_BENCH_COMPARE_INTRINSICS_HPP

#include <immintrin.h>

#include <cstddef>

namespace compare {

#ifdef __AVX512F__
struct floats {
    using T = float;
    using V = __m512;
    static constexpr std::size_t lanes = 16;
    static V load(const T* p) { return _mm512_loadu_ps(p); }
    static void store(T* p, V v) { _mm512_storeu_ps(p, v); }
    static V set(T x) { return _mm512_set1_ps(x); }
};
struct doubles {
    using T = double;
    using V = __m512d;
    static constexpr std::size_t lanes = 8;
    static V load(const T* p) { return _mm512_loadu_pd(p); }
    static void store(T* p, V v) { _mm512_storeu_pd(p, v); }
    static V set(T x) { return _mm512_set1_pd(x); }
};
#else
struct floats {
    using T = float;
    using V = __m256;
    static constexpr std::size_t lanes = 8;
    static V load(const T* p) { return _mm256_loadu_ps(p); }
    static void store(T* p, V v) { _mm256_storeu_ps(p, v); }
    static V set(T x) { return _mm256_set1_ps(x); }
};
struct doubles {
    using T = double;
    using V = __m256d;
    static constexpr std::size_t lanes = 4;
    static V load(const T* p) { return _mm256_loadu_pd(p); }
    static void store(T* p, V v) { _mm256_storeu_pd(p, v); }
    static V set(T x) { return _mm256_set1_pd(x); }
};
#endif

}  // namespace compare

#endif
