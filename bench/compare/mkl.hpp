// The formulas with functions on arrays as MKL has them, M::erf(n, in, out) and so on. They work in
// pieces that stay in L1.
#ifndef GELU_BENCH_COMPARE_MKL_HPP
#define GELU_BENCH_COMPARE_MKL_HPP

#include "peer.hpp"

namespace compare {

/// For each piece: argument(x) -> t, call(t) in place, result(x, t[, grad]).
template <class T, class Argument, class Call, class Result>
void in_pieces(const T* in, T* out, std::size_t n, Argument argument, Call call, Result result) {
    alignas(64) T t[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        for (std::size_t j = 0; j < m; ++j) t[j] = argument(in[i + j]);
        call(m, t);
        for (std::size_t j = 0; j < m; ++j) out[i + j] = result(i + j, in[i + j], t[j]);
    }
}

template <class M, class T = typename M::T>
void erf(const T*, const T* in, T* out, std::size_t n) {
    in_pieces(
        in, out, n, [](T x) { return x * constants<T>::rsqrt2; },
        [](std::size_t m, T* t) { M::erf(m, t, t); },
        [](std::size_t, T x, T t) { return T(0.5) * x + T(0.5) * x * t; });
}
template <class M, class T = typename M::T>
void cdf(const T*, const T* in, T* out, std::size_t n) {
    alignas(64) T t[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        M::cdf(m, in + i, t);
        for (std::size_t j = 0; j < m; ++j) out[i + j] = in[i + j] * t[j];
    }
}
template <class M, class T = typename M::T>
void cdf_exp_backward(const T* grad, const T* in, T* out, std::size_t n) {
    alignas(64) T c[piece], e[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        M::cdf(m, in + i, c);
        for (std::size_t j = 0; j < m; ++j) e[j] = T(-0.5) * in[i + j] * in[i + j];
        M::exp(m, e, e);
        for (std::size_t j = 0; j < m; ++j)
            out[i + j] = grad[i + j] * (c[j] + in[i + j] * constants<T>::rsqrt2pi * e[j]);
    }
}
template <class M, class T = typename M::T>
void tanh(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces(
        in, out, n, [](T x) { return x * (k::tanh_linear + k::tanh_cubic * x * x); },
        [](std::size_t m, T* t) { M::tanh(m, t, t); },
        [](std::size_t, T x, T t) { return T(0.5) * x + T(0.5) * x * t; });
}
template <class M, class T = typename M::T>
void tanh_exp(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces(
        in, out, n, [](T x) { return x * (T(-2) * k::tanh_linear - T(2) * k::tanh_cubic * x * x); },
        [](std::size_t m, T* t) { M::exp(m, t, t); },
        [](std::size_t, T x, T t) { return x / (T(1) + t); });
}
template <class M, class T = typename M::T>
void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces(
        in, out, n, [](T x) { return x * (T(-2) * k::tanh_linear - T(2) * k::tanh_cubic * x * x); },
        [](std::size_t m, T* t) { M::exp(m, t, t); },
        [grad](std::size_t i, T x, T t) {
            const T s = T(1) / (T(1) + t);
            return grad[i] * s *
                   (T(1) + x * (T(1) - s) * (T(2) * k::tanh_linear + T(6) * k::tanh_cubic * x * x));
        });
}
template <class M, class T = typename M::T>
void sigmoid(const T*, const T* in, T* out, std::size_t n) {
    in_pieces(
        in, out, n, [](T x) { return -constants<T>::slope * x; },
        [](std::size_t m, T* t) { M::exp(m, t, t); },
        [](std::size_t, T x, T t) { return x / (T(1) + t); });
}
template <class M, class T = typename M::T>
void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
    in_pieces(
        in, out, n, [](T x) { return -constants<T>::slope * x; },
        [](std::size_t m, T* t) { M::exp(m, t, t); },
        [grad](std::size_t i, T x, T t) {
            const T s = T(1) / (T(1) + t);
            return grad[i] * s * (T(1) + constants<T>::slope * x * (T(1) - s));
        });
}

}  // namespace compare

#endif
