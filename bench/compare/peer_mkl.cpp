// Intel MKL's vector mathematics: HA within 1 ULP of each function, LA within 4, EP half the
// digits.
#include "mkl.hpp"

#include <mkl.h>

#include <string>

namespace {
using namespace compare;

// Subnormal results kept: VML's default may flush them.
constexpr MKL_INT64 ha = VML_HA | VML_FTZDAZ_OFF | VML_ERRMODE_IGNORE;
constexpr MKL_INT64 la = VML_LA | VML_FTZDAZ_OFF | VML_ERRMODE_IGNORE;
constexpr MKL_INT64 ep = VML_EP | VML_FTZDAZ_OFF | VML_ERRMODE_IGNORE;

template <MKL_INT64 Mode>
struct floats {
    using T = float;
    static MKL_INT count(std::size_t n) { return static_cast<MKL_INT>(n); }
    static void erf(std::size_t n, const T* a, T* y) { vmsErf(count(n), a, y, Mode); }
    static void cdf(std::size_t n, const T* a, T* y) { vmsCdfNorm(count(n), a, y, Mode); }
    static void exp(std::size_t n, const T* a, T* y) { vmsExp(count(n), a, y, Mode); }
    static void tanh(std::size_t n, const T* a, T* y) { vmsTanh(count(n), a, y, Mode); }
};
template <MKL_INT64 Mode>
struct doubles {
    using T = double;
    static MKL_INT count(std::size_t n) { return static_cast<MKL_INT>(n); }
    static void erf(std::size_t n, const T* a, T* y) { vmdErf(count(n), a, y, Mode); }
    static void cdf(std::size_t n, const T* a, T* y) { vmdCdfNorm(count(n), a, y, Mode); }
    static void exp(std::size_t n, const T* a, T* y) { vmdExp(count(n), a, y, Mode); }
    static void tanh(std::size_t n, const T* a, T* y) { vmdTanh(count(n), a, y, Mode); }
};

#define BOTH(method, id, v, f, mode)                         \
    {method, form::id, verb::v, f<floats<mode>>, nullptr}, { \
        method, form::id, verb::v, nullptr, f<doubles<mode>> \
    }

const entry entries[] = {
    BOTH("vErf EP", exact, forward, erf, ep),
    BOTH("vErf LA", exact, forward, erf, la),
    BOTH("vErf HA", exact, forward, erf, ha),
    BOTH("vCdfNorm LA", exact, forward, cdf, la),
    BOTH("vCdfNorm HA", exact, forward, cdf, ha),
    BOTH("vCdfNorm, vExp LA", exact, backward, cdf_exp_backward, la),
    BOTH("vCdfNorm, vExp HA", exact, backward, cdf_exp_backward, ha),
    BOTH("vTanh LA", tanh, forward, tanh, la),
    BOTH("x/(1+vExp EP)", tanh, forward, tanh_exp, ep),
    BOTH("x/(1+vExp LA)", tanh, forward, tanh_exp, la),
    BOTH("1/(1+vExp LA)", tanh, backward, tanh_backward, la),
    BOTH("x/(1+vExp EP)", sigmoid, forward, sigmoid, ep),
    BOTH("x/(1+vExp LA)", sigmoid, forward, sigmoid, la),
    BOTH("1/(1+vExp LA)", sigmoid, backward, sigmoid_backward, la),
};
}  // namespace

const peer* gelu_compare_peer() {
    static const std::string version = [] {
        MKLVersion v;
        mkl_get_version(&v);
        return std::to_string(v.MajorVersion) + "." + std::to_string(v.UpdateVersion);
    }();
    static const peer self = {"MKL", version.c_str(), entries, sizeof entries / sizeof *entries};
    return &self;
}
