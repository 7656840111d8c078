// The program of the consumers that take the component eigen.
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <gelu/eigen.hpp>

int main() {
    const Eigen::ArrayXd x = Eigen::ArrayXd::Constant(37, 1.0);
    const Eigen::ArrayXd y = 2.0 * gelu::forward(x, gelu::tanh_form{});
    std::printf("2 g(1) = %.17g\n", y[36]);
    return std::fabs(y[36] - 2 * 0.84119199060827670) < 1e-12 ? 0 : 1;
}
