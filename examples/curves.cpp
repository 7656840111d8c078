// The curves of the three forms and of their derivatives, as CSV for plot_curves.py.
//
//   example_curves > data/curves.csv
#include <cstdio>
#include <gelu/gelu.hpp>

namespace {

template <class Form>
void print(double x, Form form) {
    std::printf(",%.6g,%.6g,%.6g", gelu::forward(x, form), gelu::derivative(x, form),
                gelu::second_derivative(x, form));
}

}  // namespace

int main() {
    std::printf("x");
    for (const char* form : {"exact", "tanh", "sigmoid"})
        std::printf(",%s,%s derivative,%s second derivative", form, form, form);
    std::printf("\n");
    for (int i = -80; i <= 80; ++i) {
        const double x = i / 20.0;
        std::printf("%g", x);
        print(x, gelu::erf_form{});
        print(x, gelu::tanh_form{});
        print(x, gelu::sigmoid_form{});
        std::printf("\n");
    }
    return 0;
}
