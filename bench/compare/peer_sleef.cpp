// SLEEF's vector functions.
#include <sleef.h>

#include "intrinsics.hpp"
#include "vector.hpp"

namespace {
using namespace compare;

#ifdef __AVX512F__
#define F32(name, ulp) Sleef_##name##f16_##ulp##avx512f
#define F64(name, ulp) Sleef_##name##d8_##ulp##avx512f
#else
#define F32(name, ulp) Sleef_##name##f8_##ulp##avx2
#define F64(name, ulp) Sleef_##name##d4_##ulp##avx2
#endif

struct lib32 : floats {
    static V exp(V x) { return F32(exp, u10)(x); }
    static V erf(V x) { return F32(erf, u10)(x); }
    static V erfc(V x) { return F32(erfc, u15)(x); }
    static V tanh(V x) { return F32(tanh, u35)(x); }
};
struct lib64 : doubles {
    static V exp(V x) { return F64(exp, u10)(x); }
    static V erf(V x) { return F64(erf, u10)(x); }
    static V erfc(V x) { return F64(erfc, u15)(x); }
    static V tanh(V x) { return F64(tanh, u35)(x); }
};

#define BOTH(method, id, v, f) \
    {method, form::id, verb::v, f<lib32>, nullptr}, { method, form::id, verb::v, nullptr, f<lib64> }

const entry entries[] = {
    BOTH("erf u10", exact, forward, erf_forward),
    BOTH("erfc u15", exact, forward, erfc_forward),
    BOTH("erf u10, exp u10", exact, backward, erf_exp_backward),
    BOTH("erfc u15, exp u10", exact, backward, erfc_exp_backward),
    BOTH("tanh u35", tanh, forward, tanh_forward),
    BOTH("x/(1+exp u10)", tanh, forward, tanh_exp_forward),
    BOTH("1/(1+exp u10)", tanh, backward, tanh_exp_backward),
    BOTH("x/(1+exp u10)", sigmoid, forward, sigmoid_exp_forward),
    BOTH("1/(1+exp u10)", sigmoid, backward, sigmoid_exp_backward),
};
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
const peer self = {
    "SLEEF",
    TEXT(SLEEF_VERSION_MAJOR) "." TEXT(SLEEF_VERSION_MINOR) "." TEXT(SLEEF_VERSION_PATCHLEVEL),
    entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
