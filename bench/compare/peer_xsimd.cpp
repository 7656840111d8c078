// xsimd's own mathematical functions.
#include <xsimd/xsimd.hpp>

#include "vector.hpp"

namespace {
using namespace compare;

template <class E>
struct lib {
    using T = E;
    using V = xsimd::batch<E>;
    static constexpr std::size_t lanes = V::size;
    static V load(const T* p) { return V::load_unaligned(p); }
    static void store(T* p, const V& v) { v.store_unaligned(p); }
    static V set(T x) { return V(x); }
    static V exp(const V& x) { return xsimd::exp(x); }
    static V erf(const V& x) { return xsimd::erf(x); }
    static V erfc(const V& x) { return xsimd::erfc(x); }
    static V tanh(const V& x) { return xsimd::tanh(x); }
};

#define BOTH(method, id, v, f)                             \
    {method, form::id, verb::v, f<lib<float>>, nullptr}, { \
        method, form::id, verb::v, nullptr, f<lib<double>> \
    }

const entry entries[] = {
    BOTH("erf", exact, forward, erf_forward),
    BOTH("erfc", exact, forward, erfc_forward),
    BOTH("erf, exp", exact, backward, erf_exp_backward),
    BOTH("erfc, exp", exact, backward, erfc_exp_backward),
    BOTH("tanh", tanh, forward, tanh_forward),
    BOTH("x/(1+exp)", tanh, forward, tanh_exp_forward),
    BOTH("1/(1+exp)", tanh, backward, tanh_exp_backward),
    BOTH("x/(1+exp)", sigmoid, forward, sigmoid_exp_forward),
    BOTH("1/(1+exp)", sigmoid, backward, sigmoid_exp_backward),
};
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
const peer self = {
    "xsimd", TEXT(XSIMD_VERSION_MAJOR) "." TEXT(XSIMD_VERSION_MINOR) "." TEXT(XSIMD_VERSION_PATCH),
    entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
