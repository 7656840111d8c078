// One program for many CPUs: gelu::dispatch computes with the best instruction set of the one it
// runs on, whatever this file is compiled for.
#include <cstdio>
#include <gelu/dispatch.hpp>
#include <stdexcept>
#include <vector>

int main() {
    const std::vector<float> x = {-3.0f, -1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 3.0f};
    std::vector<float> y(x.size());
    //! [dispatch]
    gelu::dispatch::forward(x, y);                                             // ranges, exact form
    gelu::dispatch::forward(x.data(), y.data(), x.size(), gelu::tanh_form{});  // pointers, count
    gelu::dispatch::forward(x, y, gelu::fast{gelu::sigmoid_form{}});           // any form
    std::printf("computed with %s\n", gelu::dispatch::active().data());        // avx512, say
    //! [dispatch]

    std::vector<float> grad(x.size(), 1.0f), grad_x(x.size()), slope(x.size()), curvature(x.size());
    //! [verbs]
    gelu::dispatch::derivative(x, slope);
    gelu::dispatch::second_derivative(x, curvature);
    gelu::dispatch::backward(grad, x, grad_x, gelu::approximation::tanh);  // chosen at run time
    gelu::dispatch::forward_with_derivative(x, y, slope);
    //! [verbs]

    //! [use]
    try {
        gelu::dispatch::use("sse2");  // the same bits on every x86-64 CPU
    } catch (const std::invalid_argument& error) {
        std::printf("%s\n", error.what());  // unknown or unsupported, and what is possible here
    }
    //! [use]

    // Each instruction set has bits of its own, within the bounds of max_ulp.
    for (const std::string_view set : gelu::dispatch::supported()) {
        gelu::dispatch::use(set);
        gelu::dispatch::forward(x, y);
        std::printf("%-8s", set.data());
        for (const float v : y) std::printf(" %15.8g", static_cast<double>(v));
        std::printf("\n");
        if (!(y[5] > 0.841344f && y[5] < 0.841345f)) return 1;
    }
    return 0;
}
