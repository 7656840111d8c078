#include <cmath>
#include <cstdio>
#include <gelu/gelu.hpp>
#include <vector>

#ifdef WITH_EIGEN
#include <Eigen/Core>
#include <gelu/eigen.hpp>
#endif
#ifdef WITH_DISPATCH
#include <gelu/dispatch.hpp>
#endif

int main() {
    const std::vector<float> x(37, 1.0f);
    std::vector<float> y(x.size());
    gelu::forward(x, y);
    bool right = std::fabs(y[36] - 0.84134474606854293f) < 1e-6f;
    std::printf("g(1) = %.9g\n", static_cast<double>(y[36]));
#ifdef WITH_EIGEN
    const Eigen::ArrayXd z = gelu::forward(Eigen::ArrayXd::Constant(37, 1.0), gelu::erf_form{});
    right = right && std::fabs(z[36] - 0.84134474606854293) < 1e-12;
    std::printf("with Eigen %.17g\n", z[36]);
#endif
#ifdef WITH_DISPATCH
    gelu::dispatch::forward(x, y, gelu::sigmoid_form{});
    right = right && std::fabs(y[36] - 0.84579576f) < 1e-6f;
    std::printf("with %s %.9g\n", gelu::dispatch::active().data(), static_cast<double>(y[36]));
#endif
    return right ? 0 : 1;
}
