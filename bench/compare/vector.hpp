// The formulas over any vector type with arithmetic operators, for libraries that offer functions
// on vectors: what a user of theirs would write. A library's traits name the vector V, its scalar
// T, the number of lanes, load, store and set.
#ifndef GELU_BENCH_COMPARE_VECTOR_HPP
#define GELU_BENCH_COMPARE_VECTOR_HPP

#include "peer.hpp"

namespace compare {

template <class L, class F>
inline void map(const typename L::T* in, typename L::T* out, std::size_t n, F f) {
    for (std::size_t i = 0; i < n; i += L::lanes) L::store(out + i, f(L::load(in + i)));
}
template <class L, class F>
inline void zip(const typename L::T* grad, const typename L::T* in, typename L::T* out,
                std::size_t n, F f) {
    for (std::size_t i = 0; i < n; i += L::lanes)
        L::store(out + i, L::load(grad + i) * f(L::load(in + i)));
}

template <class L>
inline typename L::V number(double x) {
    return L::set(static_cast<typename L::T>(x));
}

/// v with sigma(v) the tanh form's gate, and dv/dx.
template <class L>
inline typename L::V tanh_argument(typename L::V x) {
    using k = constants<double>;
    return x * (number<L>(2 * k::tanh_linear) + number<L>(2 * k::tanh_cubic) * (x * x));
}
template <class L>
inline typename L::V tanh_argument_slope(typename L::V x) {
    using k = constants<double>;
    return number<L>(2 * k::tanh_linear) + number<L>(6 * k::tanh_cubic) * (x * x);
}

#define GELU_COMPARE_FORWARD(name, ...)                                                           \
    template <class L>                                                                            \
    void name(const typename L::T*, const typename L::T* in, typename L::T* out, std::size_t n) { \
        using V = typename L::V;                                                                  \
        using k [[maybe_unused]] = constants<double>;                                             \
        map<L>(in, out, n, [](V x) -> V __VA_ARGS__);                                             \
    }
#define GELU_COMPARE_BACKWARD(name, ...)                                              \
    template <class L>                                                                \
    void name(const typename L::T* grad, const typename L::T* in, typename L::T* out, \
              std::size_t n) {                                                        \
        using V = typename L::V;                                                      \
        using k [[maybe_unused]] = constants<double>;                                 \
        zip<L>(grad, in, out, n, [](V x) -> V __VA_ARGS__);                           \
    }

GELU_COMPARE_FORWARD(erf_forward, {
    const V h = number<L>(0.5) * x;
    return h + h * L::erf(x * number<L>(k::rsqrt2));
})
GELU_COMPARE_FORWARD(erfc_forward,
                     { return number<L>(0.5) * x * L::erfc(x * number<L>(-k::rsqrt2)); })
GELU_COMPARE_FORWARD(tanh_forward, {
    const V h = number<L>(0.5) * x;
    return h + h * L::tanh(number<L>(0.5) * tanh_argument<L>(x));
})
GELU_COMPARE_FORWARD(tanh_exp_forward,
                     { return x / (number<L>(1) + L::exp(number<L>(-1) * tanh_argument<L>(x))); })
GELU_COMPARE_FORWARD(sigmoid_exp_forward,
                     { return x / (number<L>(1) + L::exp(number<L>(-k::slope) * x)); })
GELU_COMPARE_BACKWARD(erf_exp_backward, {
    return number<L>(0.5) + number<L>(0.5) * L::erf(x * number<L>(k::rsqrt2)) +
           x * number<L>(k::rsqrt2pi) * L::exp(number<L>(-0.5) * x * x);
})
GELU_COMPARE_BACKWARD(erfc_exp_backward, {
    return number<L>(0.5) * L::erfc(x * number<L>(-k::rsqrt2)) +
           x * number<L>(k::rsqrt2pi) * L::exp(number<L>(-0.5) * x * x);
})
GELU_COMPARE_BACKWARD(tanh_backward, {
    const V t = L::tanh(number<L>(0.5) * tanh_argument<L>(x));
    return number<L>(0.5) *
           (number<L>(1) + t +
            number<L>(0.5) * x * (number<L>(1) - t * t) * tanh_argument_slope<L>(x));
})
GELU_COMPARE_BACKWARD(tanh_exp_backward, {
    const V s = number<L>(1) / (number<L>(1) + L::exp(number<L>(-1) * tanh_argument<L>(x)));
    return s * (number<L>(1) + x * (number<L>(1) - s) * tanh_argument_slope<L>(x));
})
GELU_COMPARE_BACKWARD(sigmoid_exp_backward, {
    const V s = number<L>(1) / (number<L>(1) + L::exp(number<L>(-k::slope) * x));
    return s * (number<L>(1) + number<L>(k::slope) * x * (number<L>(1) - s));
})

#undef GELU_COMPARE_FORWARD
#undef GELU_COMPARE_BACKWARD

}  // namespace compare

#endif
