// One use of every name, as the reference (docs/run) shows it beside the name; and each must hold.
#include <cstdio>
#include <gelu/gelu.hpp>
#include <stdexcept>
#include <vector>

namespace {

int failures = 0;

#define EXPECT(condition) \
    if (!(condition)) failed(#condition)

void failed(const char* condition) {
    std::printf("does not hold: %s\n", condition);
    ++failures;
}

//! [batch]
/// y[i] = g(x[i]) / 2 for n values, n a multiple of the batch's size.
void half_gelu(const float* x, float* y, std::size_t n) {
    using batch = xsimd::batch<float>;
    for (std::size_t i = 0; i < n; i += batch::size) {
        const batch g = gelu::forward(batch::load_unaligned(x + i), gelu::tanh_form{});
        (g * batch(0.5f)).store_unaligned(y + i);
    }
}
//! [batch]

//! [generic]
/// Takes any form, of either tier.
template <class Form>
void layer(std::vector<float>& x, const Form& form) {
    gelu::forward(x, x, form);
}
//! [generic]

/// Whether the arrays hold the same values.
template <class A, class B>
bool same(const A& a, const B& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!(a[i] == b[i])) return false;
    return a.size() == b.size();
}

void one_value() {
    {
        //! [forward]
        float exact = gelu::forward(1.0f);                     // 0.841344774
        double tanh = gelu::forward(1.0, gelu::tanh_form{});   // 0.84119199
        double tail = gelu::forward(-30.0, gelu::erf_form{});  // -1.472e-196: nothing is lost
        //! [forward]
        EXPECT(exact == 0.841344774f);
        EXPECT(tanh > 0.841191 && tanh < 0.841192);
        EXPECT(tail < -1.471e-196 && tail > -1.473e-196);
    }
    {
        //! [derivative]
        double slope = gelu::derivative(1.0);                         // 1.08331547
        float middle = gelu::derivative(0.0f, gelu::sigmoid_form{});  // 0.5
        //! [derivative]
        EXPECT(slope > 1.083315 && slope < 1.083316);
        EXPECT(middle == 0.5f);
    }
    {
        //! [second_derivative]
        double curvature = gelu::second_derivative(0.0);  // 2 phi(0) = 0.797884561
        //! [second_derivative]
        EXPECT(curvature > 0.7978845 && curvature < 0.7978846);
    }
    {
        //! [backward]
        double grad = -2.0;                          // dL/dg
        double grad_in = gelu::backward(grad, 1.0);  // dL/dx = dL/dg g'(x)
        //! [backward]
        EXPECT(grad_in == grad * gelu::derivative(1.0));
    }
    {
        //! [storage]
        const gelu::float16 x(1.5f);
        const gelu::float16 y = gelu::forward(x, gelu::tanh_form{});
        const auto value = static_cast<float>(y);  // the exact g(1.5), rounded once to half
        //! [storage]
        EXPECT(value == static_cast<float>(gelu::float16(gelu::forward(1.5, gelu::tanh_form{}))));
    }
}

void arrays() {
    std::vector<float> x = {-3.0f, -1.0f, 0.0f, 1.0f, 3.0f}, once(5), again(5);
    {
        std::vector<float> y(5);
        //! [array]
        gelu::forward(x, y);                                             // ranges, exact form
        gelu::forward(x.data(), y.data(), x.size(), gelu::tanh_form{});  // pointers, count
        gelu::forward(x, y, gelu::approximation::tanh);                  // chosen at run time
        gelu::forward(y, y);                                             // in place
        //! [array]
        gelu::forward(x, once, gelu::tanh_form{});
        gelu::forward(once, again);
        EXPECT(same(y, again));
    }
    {
        //! [array_mixed]
        const std::vector<gelu::bfloat16> in(4, gelu::bfloat16(0.5f));
        std::vector<float> out(4);
        gelu::forward(in, out, gelu::sigmoid_form{});  // widened, computed and stored as float
        //! [array_mixed]
        EXPECT(out[3] == out[0] && out[0] > 0.35f && out[0] < 0.351f);
    }
    {
        std::vector<float> y(5);
        //! [array_errors]
        const std::vector<float> too_short(3);
        try {
            gelu::forward(too_short, y);
        } catch (const std::invalid_argument& error) {
            std::printf("%s\n", error.what());  // says both sizes; y is as it was
        }
        //! [array_errors]
        EXPECT(y[0] == 0);
    }
    {
        std::vector<float> slope(5), curvature(5);
        //! [array_derivative]
        gelu::derivative(x, slope);
        gelu::second_derivative(x, curvature, gelu::tanh_form{});
        //! [array_derivative]
        gelu::derivative(x.data(), once.data(), 5);
        EXPECT(same(slope, once) && slope[2] == 0.5f);
        EXPECT(curvature[1] == curvature[3]);
    }
    {
        //! [array_backward]
        const std::vector<float> grad(x.size(), 2.0f);  // dL/dy
        std::vector<float> grad_in(x.size());           // dL/dx
        gelu::backward(grad, x, grad_in, gelu::tanh_form{});
        //! [array_backward]
        gelu::derivative(x, once, gelu::tanh_form{});
        EXPECT(grad_in[1] == 2 * once[1]);
    }
    {
        //! [array_both]
        std::vector<float> y(x.size()), slope(x.size());
        gelu::forward_with_derivative(x, y, slope);
        // In the backward pass, grad_in[i] = grad[i] * slope[i] is all that is left to do.
        //! [array_both]
        gelu::forward(x, once);
        gelu::derivative(x, again);
        EXPECT(same(y, once) && same(slope, again));
    }
    {
        std::vector<float> y(64), z(64, 0.5f);
        half_gelu(z.data(), y.data(), z.size());
        gelu::forward(z, z, gelu::tanh_form{});
        EXPECT(y[63] == z[63] / 2);
    }
}

void forms() {
    {
        //! [forms]
        constexpr gelu::erf_form exact;
        constexpr gelu::tanh_form refitted{0.0443829};  // another cubic
        constexpr gelu::sigmoid_form silu{1.0};         // x sigma(x), also called swish
        const double y = exact(1.0) + refitted(1.0) + silu(1.0);
        static_assert(gelu::tanh_form{} == gelu::tanh_form{0.044715}, "the default");
        //! [forms]
        EXPECT(y > 2.4135 && y < 2.4137);
    }
    {
        std::vector<float> x(9, 1.0f), expected(9);
        gelu::forward(x, expected, gelu::fast{gelu::tanh_form{}});
        //! [fast]
        layer(x, gelu::fast{gelu::tanh_form{}});  // at most 4 ULP instead of 1
        //! [fast]
        EXPECT(same(x, expected));
    }
    {
        const std::vector<float> x(3, 1.0f);
        std::vector<float> y(3), expected(3);
        //! [approximation]
        const gelu::approximation choice = gelu::parse_approximation("tanh");
        gelu::forward(x, y, choice);  // one choice for the array
        //! [approximation]
        gelu::forward(x, expected, gelu::tanh_form{});
        EXPECT(same(y, expected));
    }
    {
        bool caught = false;
        //! [parse_approximation]
        try {
            (void)gelu::parse_approximation("Tanh");
        } catch (const std::invalid_argument& error) {
            std::printf("%s\n", error.what());  // the bad word, and the known ones
            caught = true;
        }
        //! [parse_approximation]
        EXPECT(caught);
    }
    {
        //! [max_ulp]
        constexpr double value = gelu::max_ulp<float, 0>(gelu::tanh_form{});
        constexpr double slope = gelu::max_ulp<float, 1>(gelu::fast{gelu::tanh_form{}});
        static_assert(value <= 1 && slope <= 4, "what the rest of this program counts on");
        //! [max_ulp]
        EXPECT(value < slope);
    }
}

}  // namespace

int main() {
    one_value();
    arrays();
    forms();
    return failures;
}
