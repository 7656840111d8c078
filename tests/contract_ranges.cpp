// What counts as a range, and how calls of each kind resolve.
#include <array>
#include <gelu/gelu.hpp>
#include <initializer_list>
#include <stdexcept>
#include <valarray>
#include <vector>

#include "support/catch.hpp"

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#endif

namespace {

const std::vector<float> input = {-6, -2.5f, -0.75f, -0.0f, 0.5f, 1, 3, 20, -9};
const std::size_t n = 9;

std::vector<float> want() {
    std::vector<float> out(n);
    gelu::forward(input.data(), out.data(), n);
    return out;
}

}  // namespace

/// A user's range in a namespace whose own verbs fit as well: calls stay with the library's.
namespace elsewhere {
struct buffer {
    std::vector<float> values;
    float* data() { return values.data(); }
    const float* data() const { return values.data(); }
    int size() const { return static_cast<int>(values.size()); }
};
template <class In, class Out, class Choice>
void forward(const In&, Out&&, Choice) = delete;
template <class Grad, class In, class Out, class Choice>
void backward(const Grad&, const In&, Out&&, Choice) = delete;
template <class In, class Out, class Slope, class Choice>
void forward_with_derivative(const In&, Out&&, Slope&&, Choice) = delete;
}  // namespace elsewhere

TEST_CASE("vectors, arrays and C arrays are ranges, const ones as inputs", "[ranges]") {
    std::vector<float> vector(n);
    gelu::forward(input, vector);
    CHECK(vector == want());

    std::array<float, 9> array{};
    gelu::forward(input, array);
    CHECK(std::equal(array.begin(), array.end(), want().begin()));

    const std::array<float, 9> fixed = {-6, -2.5f, -0.75f, -0.0f, 0.5f, 1, 3, 20, -9};
    float c_array[9] = {};
    gelu::forward(fixed, c_array);
    CHECK(std::equal(std::begin(c_array), std::end(c_array), want().begin()));

    const float fixed_c[] = {-6, -2.5f, -0.75f, -0.0f, 0.5f, 1, 3, 20, -9};
    gelu::forward(fixed_c, vector, gelu::tanh_form{});
    std::vector<float> tanh(n);
    gelu::forward(input, tanh, gelu::tanh_form{});
    CHECK(vector == tanh);

    const std::initializer_list<float> list = {-6, -2.5f, -0.75f, -0.0f, 0.5f, 1, 3, 20, -9};
    gelu::forward(list, vector);
    CHECK(vector == want());
}

TEST_CASE("an output may be an rvalue", "[ranges]") {
    std::vector<float> out(n);
    struct span {
        float* first;
        std::size_t count;
        float* data() const { return first; }
        std::size_t size() const { return count; }
    };
    std::vector<float> slope(n), separate(n);
    gelu::forward(input, span{out.data(), n});
    CHECK(out == want());
    gelu::forward_with_derivative(input, span{out.data(), n}, span{slope.data(), n});
    CHECK(out == want());
    gelu::derivative(input, separate);
    CHECK(slope == separate);
    gelu::backward(span{out.data(), n}, input, span{out.data(), n}, gelu::approximation::none);
    for (std::size_t i = 0; i < n; ++i) separate[i] *= want()[i];
    CHECK(out == separate);
}

TEST_CASE("a range is in place with itself", "[ranges]") {
    std::vector<float> values = input;
    gelu::forward(values, values);
    CHECK(values == want());
}

TEST_CASE("verbs of the range's own namespace are not picked up", "[ranges]") {
    elsewhere::buffer in{input}, out{input}, slope{input};
    gelu::forward(in, out);
    CHECK(out.values == want());
    gelu::forward(in, out, gelu::approximation::none);
    CHECK(out.values == want());
    gelu::backward(in, in, out, gelu::approximation::none);
    gelu::forward_with_derivative(in, out, slope, gelu::approximation::none);
    CHECK(out.values == want());
}

TEST_CASE("a count of any integer type and arrays that decay go with pointers", "[ranges]") {
    float out[9] = {};
    const int count = 9;
    gelu::forward(input.data(), out, static_cast<std::size_t>(count), gelu::erf_form{});
    CHECK(std::equal(std::begin(out), std::end(out), want().begin()));
    float in[9] = {};
    std::copy(input.begin(), input.end(), in);
    gelu::forward(in, in, 9);
    CHECK(std::equal(std::begin(in), std::end(in), want().begin()));
}

#if __has_include(<Eigen/Core>)
TEST_CASE("Eigen's plain objects, maps and contiguous blocks are ranges", "[ranges][eigen]") {
    const Eigen::ArrayXf in = Eigen::Map<const Eigen::ArrayXf>(input.data(), 9);
    const Eigen::Map<const Eigen::ArrayXf> correct(input.data(), 9);
    const std::vector<float> y = want();
    const Eigen::Map<const Eigen::ArrayXf> right(y.data(), 9);

    Eigen::ArrayXf out(9);
    gelu::forward(in, out);
    CHECK((out == right).all());

    Eigen::VectorXf vector(9);
    gelu::forward(in, vector);
    CHECK((vector.array() == right).all());

    Eigen::Matrix3f in3 = Eigen::Map<const Eigen::Matrix3f>(input.data()), out3;
    gelu::forward(in3, out3);
    CHECK((out3.reshaped().array() == right).all());

    std::vector<float> raw(9);
    gelu::forward(correct, Eigen::Map<Eigen::ArrayXf>(raw.data(), 9));
    CHECK(raw == y);

    // Whole columns of a column-major matrix lie together.
    Eigen::MatrixXf wide = Eigen::MatrixXf::Zero(9, 3);
    gelu::forward(in, wide.col(1));
    CHECK((wide.col(1).array() == right).all());
    CHECK((wide.col(0).array() == 0).all());
    CHECK((wide.col(2).array() == 0).all());
}

TEST_CASE("strided Eigen views are refused, not read as if contiguous", "[ranges][eigen]") {
    const Eigen::MatrixXf before = Eigen::MatrixXf::Constant(9, 9, 0.5f);
    Eigen::MatrixXf m = before;
    Eigen::VectorXf v = Eigen::VectorXf::Constant(9, 0.25f);
    const Eigen::VectorXf v_before = v;
    const auto says = [&](auto call, const char* name) {
        std::string text = "no exception";
        try {
            call();
        } catch (const std::invalid_argument& e) {
            text = e.what();
        }
        CHECK_THAT(text, gelu_tests::ContainsSubstring("contiguous"));
        CHECK_THAT(text, gelu_tests::ContainsSubstring(std::string(": ") + name + " "));
        CHECK(m == before);
        CHECK(v == v_before);
    };
    says([&] { gelu::forward(m.row(1), v); }, "in");
    says([&] { gelu::forward(v, m.row(1)); }, "out");
    says([&] { gelu::forward(m.topLeftCorner(3, 3), v); }, "in");
    says([&] { gelu::backward(m.row(1), v, v); }, "grad");
    says([&] { gelu::backward(v, m.row(1), v); }, "in");
    says([&] { gelu::backward(v, v, m.row(1)); }, "grad_in");
    Eigen::VectorXf w = v;
    says([&] { gelu::forward_with_derivative(m.row(1), v, w); }, "in");
    says([&] { gelu::forward_with_derivative(v, m.row(1), w); }, "out");
    says([&] { gelu::forward_with_derivative(v, w, m.row(1)); }, "slope");
}
#endif
