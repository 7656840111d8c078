// Intel MKL's vector mathematics: HA within 0.5-1 ULP of each function, LA within 4, EP half the
// digits. Compositions work in pieces that stay in L1.
#include <mkl.h>

#include <string>

#include "peer.hpp"

namespace {
using namespace compare;

void v_erf(MKL_INT n, const float* a, float* y, MKL_INT64 m) { vmsErf(n, a, y, m); }
void v_erf(MKL_INT n, const double* a, double* y, MKL_INT64 m) { vmdErf(n, a, y, m); }
void v_cdf(MKL_INT n, const float* a, float* y, MKL_INT64 m) { vmsCdfNorm(n, a, y, m); }
void v_cdf(MKL_INT n, const double* a, double* y, MKL_INT64 m) { vmdCdfNorm(n, a, y, m); }
void v_exp(MKL_INT n, const float* a, float* y, MKL_INT64 m) { vmsExp(n, a, y, m); }
void v_exp(MKL_INT n, const double* a, double* y, MKL_INT64 m) { vmdExp(n, a, y, m); }
void v_tanh(MKL_INT n, const float* a, float* y, MKL_INT64 m) { vmsTanh(n, a, y, m); }
void v_tanh(MKL_INT n, const double* a, double* y, MKL_INT64 m) { vmdTanh(n, a, y, m); }

/// For each piece: argument(x) -> t, call(t) in place, result(x, t[, grad]).
template <class T, class Argument, class Call, class Result>
void in_pieces(const T* in, T* out, std::size_t n, Argument argument, Call call, Result result) {
    alignas(64) T t[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        for (std::size_t j = 0; j < m; ++j) t[j] = argument(in[i + j]);
        call(static_cast<MKL_INT>(m), t);
        for (std::size_t j = 0; j < m; ++j) out[i + j] = result(i + j, in[i + j], t[j]);
    }
}

template <class T, MKL_INT64 Mode>
void erf(const T*, const T* in, T* out, std::size_t n) {
    in_pieces(
        in, out, n, [](T x) { return x * constants<T>::rsqrt2; },
        [](MKL_INT m, T* t) { v_erf(m, t, t, Mode); },
        [](std::size_t, T x, T t) { return T(0.5) * x + T(0.5) * x * t; });
}
template <class T, MKL_INT64 Mode>
void cdf(const T*, const T* in, T* out, std::size_t n) {
    alignas(64) T t[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        v_cdf(static_cast<MKL_INT>(m), in + i, t, Mode);
        for (std::size_t j = 0; j < m; ++j) out[i + j] = in[i + j] * t[j];
    }
}
template <class T, MKL_INT64 Mode>
void cdf_exp_backward(const T* grad, const T* in, T* out, std::size_t n) {
    alignas(64) T c[piece], e[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        v_cdf(static_cast<MKL_INT>(m), in + i, c, Mode);
        for (std::size_t j = 0; j < m; ++j) e[j] = T(-0.5) * in[i + j] * in[i + j];
        v_exp(static_cast<MKL_INT>(m), e, e, Mode);
        for (std::size_t j = 0; j < m; ++j)
            out[i + j] = grad[i + j] * (c[j] + in[i + j] * constants<T>::rsqrt2pi * e[j]);
    }
}
template <class T, MKL_INT64 Mode>
void tanh(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces(
        in, out, n, [](T x) { return x * (k::tanh_linear + k::tanh_cubic * x * x); },
        [](MKL_INT m, T* t) { v_tanh(m, t, t, Mode); },
        [](std::size_t, T x, T t) { return T(0.5) * x + T(0.5) * x * t; });
}
template <class T, MKL_INT64 Mode>
void tanh_exp(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces(
        in, out, n, [](T x) { return x * (T(-2) * k::tanh_linear - T(2) * k::tanh_cubic * x * x); },
        [](MKL_INT m, T* t) { v_exp(m, t, t, Mode); },
        [](std::size_t, T x, T t) { return x / (T(1) + t); });
}
template <class T, MKL_INT64 Mode>
void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces(
        in, out, n, [](T x) { return x * (T(-2) * k::tanh_linear - T(2) * k::tanh_cubic * x * x); },
        [](MKL_INT m, T* t) { v_exp(m, t, t, Mode); },
        [grad](std::size_t i, T x, T t) {
            const T s = T(1) / (T(1) + t);
            return grad[i] * s *
                   (T(1) + x * (T(1) - s) * (T(2) * k::tanh_linear + T(6) * k::tanh_cubic * x * x));
        });
}
template <class T, MKL_INT64 Mode>
void sigmoid(const T*, const T* in, T* out, std::size_t n) {
    in_pieces(
        in, out, n, [](T x) { return -constants<T>::slope * x; },
        [](MKL_INT m, T* t) { v_exp(m, t, t, Mode); },
        [](std::size_t, T x, T t) { return x / (T(1) + t); });
}
template <class T, MKL_INT64 Mode>
void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
    in_pieces(
        in, out, n, [](T x) { return -constants<T>::slope * x; },
        [](MKL_INT m, T* t) { v_exp(m, t, t, Mode); },
        [grad](std::size_t i, T x, T t) {
            const T s = T(1) / (T(1) + t);
            return grad[i] * s * (T(1) + constants<T>::slope * x * (T(1) - s));
        });
}

// Subnormal results kept: VML's default may flush them.
constexpr MKL_INT64 ha = VML_HA | VML_FTZDAZ_OFF | VML_ERRMODE_IGNORE;
constexpr MKL_INT64 la = VML_LA | VML_FTZDAZ_OFF | VML_ERRMODE_IGNORE;
constexpr MKL_INT64 ep = VML_EP | VML_FTZDAZ_OFF | VML_ERRMODE_IGNORE;

#define BOTH(method, id, v, f, mode)                        \
    {method, form::id, verb::v, f<float, mode>, nullptr}, { \
        method, form::id, verb::v, nullptr, f<double, mode> \
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
