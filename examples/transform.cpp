// Forms are functions: std::transform and ranges take them. The array verbs are many times faster,
// so use these where the algorithm is the point, not the throughput.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <gelu/gelu.hpp>
#include <list>
#include <numeric>
#include <vector>
#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif
#if defined(__cpp_lib_ranges)
#include <ranges>
#endif

int main() {
    // Not contiguous: no array verb takes a list.
    const std::list<double> x = {-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0};
    std::vector<double> y(x.size());
    std::transform(x.begin(), x.end(), y.begin(), gelu::tanh_form{});

    // A form with another constant, and the fast tier, are functions too.
    const double sum = std::transform_reduce(x.begin(), x.end(), 0.0, std::plus<>{},
                                             gelu::fast{gelu::sigmoid_form{1.6}});
    // The other verbs through a lambda. g'(x) + g'(-x) = 1, so these add up to 7/2.
    const double slopes = std::transform_reduce(x.begin(), x.end(), 0.0, std::plus<>{},
                                                [](double v) { return gelu::derivative(v); });

#if defined(__cpp_lib_ranges)
    // Lazily, in a pipeline: the largest of g over the negative x.
    auto g = x | std::views::filter([](double v) { return v < 0; }) |
             std::views::transform(gelu::erf_form{});
    std::printf("largest g(x) over the x < 0: %.9f\n", *std::ranges::max_element(g));
#endif

    std::printf("g(1) = %.9f, sum %.9f, sum of slopes %.9f\n", y[5], sum, slopes);
    return y[5] == gelu::forward(1.0, gelu::tanh_form{}) && std::fabs(slopes - 3.5) < 1e-14 ? 0 : 1;
}
