// Every verb in every spelling, compiled once per instruction set and linked together. GELU_ODR_SET
// names the set. Nothing here but gelu may end up as a symbol that the linker merges.
#include <cstddef>
#include <gelu/gelu.hpp>

#define GELU_ODR_CONCAT_(a, b) a##b
#define GELU_ODR_CONCAT(a, b) GELU_ODR_CONCAT_(a, b)

namespace {

template <class T>
struct view {
    T* first;
    std::size_t n;
    T* data() const { return first; }
    std::size_t size() const { return n; }
};

template <class T, class Form>
void all(const T* x, T* y, std::size_t n, Form form) {
    using batch = xsimd::batch<T>;
    const view<const T> in{x, n};
    T* out = y;
    const auto next = [&] {
        out += n;
        return view<T>{out - n, n};
    };
    const auto tail = [&] {
        out += n;
        return out - n;
    };
    gelu::forward(in, next(), form);
    gelu::derivative(in, next(), form);
    gelu::second_derivative(in, next(), form);
    gelu::backward(in, in, next(), form);
    const view<T> both = next();
    gelu::forward_with_derivative(in, both, next(), form);
    gelu::forward(x, tail(), n, form);
    gelu::derivative(x, tail(), n, form);
    gelu::second_derivative(x, tail(), n, form);
    gelu::backward(x, x, tail(), n, form);
    T* const value = tail();
    gelu::forward_with_derivative(x, value, tail(), n, form);
    if constexpr (!std::is_same<Form, gelu::approximation>::value) {
        const batch v = batch::load_unaligned(x);
        const batch sum = gelu::forward(v, form) + gelu::derivative(v, form) +
                          gelu::second_derivative(v, form) + gelu::backward(v, v, form) + form(v);
        sum.store_unaligned(out);
        const T s = x[1];
        out[0] += gelu::forward(s, form) + gelu::derivative(s, form) +
                  gelu::second_derivative(s, form) + gelu::backward(s, s, form) + form(s) +
                  static_cast<T>(gelu::max_ulp<T, 0>(form));
    }
}

template <class T>
void all_forms(const T* x, T* y, std::size_t n, std::size_t stride) {
    all(x, y, n, gelu::erf_form{});
    all(x, y + stride, n, gelu::tanh_form{});
    all(x, y + 2 * stride, n, gelu::sigmoid_form{});
    all(x, y + 3 * stride, n, gelu::fast<gelu::erf_form>{});
    all(x, y + 4 * stride, n, gelu::fast<gelu::tanh_form>{});
    all(x, y + 5 * stride, n, gelu::fast<gelu::sigmoid_form>{});
    all(x, y + 6 * stride, n, gelu::parse_approximation("tanh"));
}

}  // namespace

void GELU_ODR_CONCAT(verbs_, GELU_ODR_SET)(const float* x, float* y, const double* xd, double* yd,
                                           std::size_t n, std::size_t stride) {
    all_forms(x, y, n, stride);
    all_forms(xd, yd, n, stride);
}
