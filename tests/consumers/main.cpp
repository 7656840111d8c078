// The program that each consumer project builds: it checks values, not only that it links.
#include <gelu/version.hpp>

#include <cmath>
#include <cstdio>
#include <gelu/gelu.hpp>
#include <vector>

int main() {
    const std::vector<float> x(37, 1.0f);
    std::vector<float> y(x.size());
    gelu::forward(x, y);
    const double minimum = gelu::forward(-0.75179152469356446);
    std::printf("gelu %s: g(1) = %.9g, minimum %.17g\n", GELU_VERSION_STRING,
                static_cast<double>(y[36]), minimum);
    const bool right = std::fabs(y[36] - 0.84134474606854293f) < 1e-6f &&
                       std::fabs(minimum + 0.16997120747990366) < 1e-15;
    return right ? 0 : 1;
}
