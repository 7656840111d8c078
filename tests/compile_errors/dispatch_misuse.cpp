// Right as it stands; each macro makes one mistake, which must be refused in words of this library.
#include <gelu/dispatch.hpp>
#include <vector>

int main() {
    std::vector<float> x(4), y(4);
    gelu::dispatch::forward(x, y);
#if defined(ARRAY_OF_INT)
    std::vector<int> integers(4);
    gelu::dispatch::forward(integers, integers);
#elif defined(MIXED_TYPES)
    std::vector<double> wide(4);
    gelu::dispatch::backward(wide, x, y);
#elif defined(CONST_OUTPUT)
    const std::vector<float> output(4);
    gelu::dispatch::forward_with_derivative(x, y, output);
#endif
}
