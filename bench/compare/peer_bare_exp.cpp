// x / (1 + e^-v) with about the shortest exp that a library's inference code can have: one
// reduction, a polynomial of degree 5, a scale. Stands for the hand-written ones in inference
// engines, which export no function to link.
#include "intrinsics.hpp"
#include "vector.hpp"

namespace {
using namespace compare;

struct lib : floats {
#ifdef __AVX512F__
    static V exp(V x) {
        // Huge arguments would leave the reduction as inf - inf.
        x = _mm512_min_ps(_mm512_max_ps(x, set(-104.0F)), set(104.0F));
        const V n = _mm512_roundscale_ps(x * set(1.44269504F), 0);
        V r = _mm512_fnmadd_ps(n, set(0.693145752F), x);
        r = _mm512_fnmadd_ps(n, set(1.42860677e-6F), r);
        return _mm512_scalef_ps(polynomial(r), n);
    }
    static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
#else
    static V exp(V x) {
        // The scale is built in the exponent field, so the argument has to stay in its range.
        x = _mm256_min_ps(_mm256_max_ps(x, set(-87.3F)), set(88.3F));
        const V shifter = set(0x1.8p23F);
        const V shifted = _mm256_fmadd_ps(x, set(1.44269504F), shifter);
        const V n = shifted - shifter;
        V r = _mm256_fnmadd_ps(n, set(0.693145752F), x);
        r = _mm256_fnmadd_ps(n, set(1.42860677e-6F), r);
        const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
        return _mm256_castsi256_ps(_mm256_add_epi32(exponent, _mm256_castps_si256(polynomial(r))));
    }
    static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
#endif
    /// e^r for |r| <= ln2 / 2 within 1.1e-7: minimax with the first two coefficients kept at 1.
    static V polynomial(V r) {
        V p = fma(r, set(0.0083126854F), set(0.041891504F));
        p = fma(p, r, set(0.16667117F));
        p = fma(p, r, set(0.49999222F));
        p = fma(p, r, set(1.0F));
        return fma(p, r, set(1.0F));
    }
};

const entry entries[] = {
    {"x/(1+exp)", form::tanh, verb::forward, tanh_exp_forward<lib>, nullptr},
    {"1/(1+exp)", form::tanh, verb::backward, tanh_exp_backward<lib>, nullptr},
    {"x/(1+exp)", form::sigmoid, verb::forward, sigmoid_exp_forward<lib>, nullptr},
    {"1/(1+exp)", form::sigmoid, verb::backward, sigmoid_exp_backward<lib>, nullptr},
};
const peer self = {"bare exp", "degree 5", entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
