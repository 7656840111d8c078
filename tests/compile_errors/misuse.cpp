// Right as it stands; each macro makes one mistake, which must be refused in words of this library.
#include <gelu/gelu.hpp>
#include <vector>

int main() {
    std::vector<float> x(8), y(8);
    gelu::forward(x, y);
    static_assert(gelu::max_ulp<float, 0>() > 0, "");
#ifdef ARRAY_OF_INT
    const std::vector<int> i(8);
    std::vector<int> j(8);
    gelu::forward(i, j);
#endif
#ifdef MIXED_TYPES
    std::vector<double> wide(8);
    gelu::forward(x, wide);
#endif
#ifdef CONST_OUTPUT
    const std::vector<float> fixed(8);
    gelu::derivative(x, fixed);
#endif
#ifdef BATCH_OF_INT
    (void)gelu::forward(xsimd::batch<int>(1));
#endif
#ifdef SCALAR_INT
    (void)gelu::forward(1);
#endif
#ifdef SCALAR_LONG_DOUBLE
    (void)gelu::derivative(1.0L, gelu::tanh_form{});
#endif
#ifdef SCALAR_MIXED
    (void)gelu::backward(1.0f, 1.0, gelu::sigmoid_form{});
#endif
#ifdef THIRD_DERIVATIVE
    static_assert(gelu::max_ulp<float, 3>() > 0, "");
#endif
    return y[0] == 0 ? 0 : 1;
}
