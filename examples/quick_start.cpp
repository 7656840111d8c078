// The verbs on one value, on arrays and in a backward pass.
#include <cstdio>
#include <gelu/gelu.hpp>
#include <vector>

int main() {
    // One value. The form comes last; without it, it is the exact one, x Phi(x).
    std::printf("gelu(-5.5) = %.9g exact, %.9g tanh, %.9g sigmoid\n",
                static_cast<double>(gelu::forward(-5.5f)),
                static_cast<double>(gelu::forward(-5.5f, gelu::tanh_form{})),
                static_cast<double>(gelu::forward(-5.5f, gelu::sigmoid_form{})));

    // Arrays: anything contiguous, or pointers and a count. The output may be the input.
    const std::vector<float> x = {-3.0f, -1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 3.0f};
    std::vector<float> y(x.size()), slope(x.size());
    gelu::forward(x, y);
    gelu::forward(x.data(), y.data(), x.size(), gelu::tanh_form{});

    // Faster, within 4 ULP instead of 1. Other constants are forms too.
    gelu::forward(x, y, gelu::fast{gelu::tanh_form{}});
    gelu::forward(x, y, gelu::tanh_form{0.0443829});

    // Chosen at run time, in the words of PyTorch and ONNX.
    gelu::forward(x, y, gelu::parse_approximation("tanh"));

    // Training: value and slope in one pass, or the gradient of a loss through the layer.
    gelu::forward_with_derivative(x, y, slope);
    const std::vector<float> grad(x.size(), 2.0f);
    std::vector<float> grad_in(x.size());
    gelu::backward(grad, x, grad_in);

    std::printf("%8s %12s %12s %12s\n", "x", "g(x)", "g'(x)", "2 g'(x)");
    bool consistent = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::printf("%8.2f %12.8f %12.8f %12.8f\n", static_cast<double>(x[i]),
                    static_cast<double>(y[i]), static_cast<double>(slope[i]),
                    static_cast<double>(grad_in[i]));
        consistent = consistent && grad_in[i] == 2 * slope[i];
    }
    return consistent ? 0 : 1;
}
