// Wrong arguments of the range verbs: std::invalid_argument that says what is wrong, and nothing
// written. Which instruction set runs behind makes no difference here.
#include <gelu/gelu.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "support/catch.hpp"

namespace {

using gelu_tests::ContainsSubstring;

/// What f says as it throws std::invalid_argument; nothing else is expected.
template <class F>
std::string complaint(F f) {
    try {
        f();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "no exception";
}

/// A view of floats, so that arrays can be laid over each other.
struct view {
    float* first;
    std::size_t n;
    float* data() const { return first; }
    std::size_t size() const { return n; }
};

std::vector<float> numbered(std::size_t n) {
    std::vector<float> values(n);
    std::iota(values.begin(), values.end(), -5.0f);
    return values;
}

const std::vector<std::pair<double, const char*>> unusable = {
    {std::numeric_limits<double>::quiet_NaN(), "nan"},
    {std::numeric_limits<double>::infinity(), "is inf"},
    {-std::numeric_limits<double>::infinity(), "is -inf"},
    {0.0, "is 0"},
    {-0.0, "is -0"},
    {-0.25, "is -0.25"}};

/// Calls check(name of the verb, function of (grad, in, out, slope, form)) for each range verb.
template <class F>
void for_each_verb(F check) {
    check("forward",
          [](auto&&, auto&& in, auto&& out, auto&&, auto form) { gelu::forward(in, out, form); });
    check("derivative", [](auto&&, auto&& in, auto&& out, auto&&, auto form) {
        gelu::derivative(in, out, form);
    });
    check("second_derivative", [](auto&&, auto&& in, auto&& out, auto&&, auto form) {
        gelu::second_derivative(in, out, form);
    });
    check("backward", [](auto&& grad, auto&& in, auto&& out, auto&&, auto form) {
        gelu::backward(grad, in, out, form);
    });
    check("forward_with_derivative", [](auto&&, auto&& in, auto&& out, auto&& slope, auto form) {
        gelu::forward_with_derivative(in, out, slope, form);
    });
}

}  // namespace

TEST_CASE("ranges of different sizes: the message has the verb, both names and both sizes",
          "[errors]") {
    const std::vector<float> seven = numbered(7), eight = numbered(8);
    const std::vector<float> before(8, 42);
    std::vector<float> out = before, slope = before;
    const auto says = [&](const std::string& text, const char* verb, const char* a, const char* na,
                          const char* b, const char* nb) {
        CHECK_THAT(text, ContainsSubstring(std::string("gelu::") + verb + ": "));
        CHECK_THAT(text, ContainsSubstring(std::string(a) + " has " + na));
        CHECK_THAT(text, ContainsSubstring(std::string(b) + " has " + nb));
        CHECK(out == before);
        CHECK(slope == before);
    };
    const auto with = [&](auto form) {
        says(complaint([&] { gelu::forward(seven, out, form); }), "forward", "in", "7", "out", "8");
        says(complaint([&] { gelu::derivative(seven, out, form); }), "derivative", "in", "7", "out",
             "8");
        says(complaint([&] { gelu::second_derivative(seven, out, form); }), "second_derivative",
             "in", "7", "out", "8");
        says(complaint([&] { gelu::backward(seven, eight, out, form); }), "backward", "grad", "7",
             "in", "8");
        says(complaint([&] { gelu::backward(seven, seven, out, form); }), "backward", "in", "7",
             "grad_in", "8");
        says(complaint([&] { gelu::forward_with_derivative(seven, out, slope, form); }),
             "forward_with_derivative", "in", "7", "out", "8");
        std::vector<float> fits(7, 42);
        says(complaint([&] { gelu::forward_with_derivative(seven, fits, slope, form); }),
             "forward_with_derivative", "in", "7", "slope", "8");
        CHECK(fits == std::vector<float>(7, 42));
        std::vector<float> none;
        says(complaint([&] { gelu::forward(none, out, form); }), "forward", "in", "0", "out", "8");
        says(complaint([&] { gelu::forward(eight, none, form); }), "forward", "in", "8", "out",
             "0");
    };
    with(gelu::erf_form{});
    with(gelu::fast{gelu::sigmoid_form{}});
    with(gelu::approximation::tanh);
}

TEST_CASE("partial overlap is refused before anything is written, and named", "[errors]") {
    const std::size_t n = 40;
    const std::vector<float> before = numbered(3 * n), other = numbered(n);
    for (const std::size_t distance : {std::size_t{1}, std::size_t{15}, n - 1}) {
        for (const bool output_first : {false, true}) {
            std::vector<float> memory = before;
            std::vector<float> spare = other, spare2 = other;
            const view low{memory.data() + 5, n}, high{memory.data() + 5 + distance, n};
            const view in = output_first ? high : low, out = output_first ? low : high;
            const auto says = [&](const std::string& text, const char* name) {
                CHECK_THAT(text, ContainsSubstring("overlap"));
                CHECK_THAT(text, ContainsSubstring(std::string(" ") + name + " "));
                CHECK(memory == before);
                CHECK(spare == other);
                CHECK(spare2 == other);
            };
            const auto with = [&](auto form) {
                says(complaint([&] { gelu::forward(in, out, form); }), "out");
                says(complaint([&] { gelu::derivative(in, out, form); }), "out");
                says(complaint([&] { gelu::second_derivative(in, out, form); }), "out");
                says(complaint([&] { gelu::backward(spare, in, out, form); }), "grad_in");
                says(complaint([&] { gelu::backward(in, spare, out, form); }), "grad_in");
                says(complaint([&] { gelu::forward_with_derivative(in, out, spare, form); }),
                     "out");
                says(complaint([&] { gelu::forward_with_derivative(in, spare, out, form); }),
                     "slope");
                says(complaint([&] { gelu::forward_with_derivative(spare, in, out, form); }),
                     "slope");
                says(complaint([&] { gelu::forward_with_derivative(in, in, out, form); }), "slope");
            };
            with(gelu::tanh_form{});
            with(gelu::approximation::none);
        }
    }
}

TEST_CASE("the two outputs of forward_with_derivative may not be one array", "[errors]") {
    const std::vector<float> before = numbered(20);
    std::vector<float> in = before, out = before;
    const auto says = [&](const std::string& text) {
        CHECK_THAT(text, ContainsSubstring("overlap"));
        CHECK_THAT(text, ContainsSubstring("slope"));
        CHECK(in == before);
        CHECK(out == before);
    };
    says(complaint([&] { gelu::forward_with_derivative(in, out, out); }));
    says(complaint([&] { gelu::forward_with_derivative(in, in, in); }));
    says(
        complaint([&] { gelu::forward_with_derivative(in, out, out, gelu::approximation::tanh); }));
}

TEST_CASE("arrays that only touch do not overlap, and two inputs may overlap", "[errors]") {
    std::vector<float> memory = numbered(40);
    const view low{memory.data(), 10}, high{memory.data() + 10, 10}, third{memory.data() + 20, 10};
    CHECK_NOTHROW(gelu::forward(low, high));
    CHECK_NOTHROW(gelu::forward(high, low));
    CHECK_NOTHROW(gelu::forward_with_derivative(high, low, third));
    CHECK_NOTHROW(gelu::backward(low, view{memory.data() + 5, 10}, third));
    CHECK_NOTHROW(gelu::forward(view{memory.data(), 0}, view{memory.data(), 0}));
    CHECK_NOTHROW(gelu::forward_with_derivative(view{memory.data(), 0}, view{memory.data(), 0},
                                                view{memory.data(), 0}));
}

TEST_CASE("a constant that is not finite and positive is refused by every verb, with its value",
          "[errors]") {
    const std::vector<float> in = numbered(9), before(9, 42);
    for_each_verb([&](const char* verb, auto call) {
        std::vector<float> out = before, slope = before;
        const auto says = [&](const char* constant, const char* value, auto form) {
            const std::string text = complaint([&] { call(in, in, out, slope, form); });
            CHECK_THAT(text, ContainsSubstring(std::string("gelu::") + verb + ": "));
            CHECK_THAT(text, ContainsSubstring(constant));
            CHECK_THAT(text, ContainsSubstring(value));
            CHECK_THAT(text, ContainsSubstring("finite and positive"));
            CHECK(out == before);
            CHECK(slope == before);
        };
        for (const auto& [constant, text] : unusable) {
            says("cubic", text, gelu::tanh_form{constant});
            says("slope", text, gelu::sigmoid_form{constant});
            says("cubic", text, gelu::fast{gelu::tanh_form{constant}});
            says("slope", text, gelu::fast{gelu::sigmoid_form{constant}});
        }
    });
}

TEST_CASE("with empty ranges a wrong constant is still refused", "[errors]") {
    std::vector<double> none;
    CHECK_THROWS_AS(gelu::forward(none, none, gelu::tanh_form{0}), std::invalid_argument);
}

TEST_CASE("the approximation overloads of every verb, in both spellings, are the forms",
          "[approximation]") {
    const std::size_t n = 75;
    const auto check = [&](auto zero, gelu::approximation choice, auto form) {
        using T = decltype(zero);
        std::vector<T> in(n), grad(n);
        for (std::size_t i = 0; i < n; ++i) {
            in[i] = (static_cast<T>(i) - 40) / 7;
            grad[i] = 3 - static_cast<T>(i);
        }
        const auto ranges = [&](auto f) {
            std::vector<T> out(n), slope(n);
            f(out, slope);
            out.insert(out.end(), slope.begin(), slope.end());
            return out;
        };
        const auto both_spellings = [&](auto range_verb, auto pointer_verb) {
            const auto want = ranges([&](auto& out, auto& slope) { range_verb(out, slope, form); });
            CHECK(want == ranges([&](auto& out, auto& slope) { range_verb(out, slope, choice); }));
            CHECK(want == ranges([&](auto& out, auto& slope) {
                      pointer_verb(out.data(), slope.data(), choice);
                  }));
            CHECK(want == ranges([&](auto& out, auto& slope) {
                      pointer_verb(out.data(), slope.data(), form);
                  }));
        };
        both_spellings([&](auto& y, auto&, auto f) { gelu::forward(in, y, f); },
                       [&](T* y, T*, auto f) { gelu::forward(in.data(), y, n, f); });
        both_spellings([&](auto& y, auto&, auto f) { gelu::derivative(in, y, f); },
                       [&](T* y, T*, auto f) { gelu::derivative(in.data(), y, n, f); });
        both_spellings([&](auto& y, auto&, auto f) { gelu::second_derivative(in, y, f); },
                       [&](T* y, T*, auto f) { gelu::second_derivative(in.data(), y, n, f); });
        both_spellings([&](auto& y, auto&, auto f) { gelu::backward(grad, in, y, f); },
                       [&](T* y, T*, auto f) { gelu::backward(grad.data(), in.data(), y, n, f); });
        both_spellings(
            [&](auto& y, auto& d, auto f) { gelu::forward_with_derivative(in, y, d, f); },
            [&](T* y, T* d, auto f) { gelu::forward_with_derivative(in.data(), y, d, n, f); });
    };
    check(0.0f, gelu::approximation::none, gelu::erf_form{});
    check(0.0f, gelu::approximation::tanh, gelu::tanh_form{});
    check(0.0f, gelu::approximation::sigmoid, gelu::sigmoid_form{});
    check(0.0, gelu::approximation::none, gelu::erf_form{});
    check(0.0, gelu::approximation::tanh, gelu::tanh_form{});
    check(0.0, gelu::approximation::sigmoid, gelu::sigmoid_form{});
}

TEST_CASE("parse_approximation knows its words and aliases", "[approximation]") {
    using gelu::approximation;
    for (const char* word : {"none", "erf", "exact"})
        CHECK(gelu::parse_approximation(word) == approximation::none);
    for (const char* word : {"tanh", "gelu_new", "gelu_pytorch_tanh"})
        CHECK(gelu::parse_approximation(word) == approximation::tanh);
    for (const char* word : {"sigmoid", "quick_gelu"})
        CHECK(gelu::parse_approximation(word) == approximation::sigmoid);
}

TEST_CASE("parse_approximation refuses every other word and says which it knows",
          "[approximation]") {
    using namespace std::string_view_literals;
    for (const std::string_view word :
         {"relu"sv, "Tanh"sv, "NONE"sv, " tanh"sv, "tanh "sv, "tan"sv, "tanhh"sv, ""sv}) {
        const std::string text = complaint([&] { (void)gelu::parse_approximation(word); });
        CHECK_THAT(text, ContainsSubstring('"' + std::string(word) + '"'));
        for (const char* known : {"none", "tanh", "sigmoid"})
            CHECK_THAT(text, ContainsSubstring(known));
    }
    const std::string text = complaint([] { (void)gelu::parse_approximation("tanh\0"sv); });
    CHECK_THAT(text, ContainsSubstring("\"tanh\\0\""));
    CHECK_THAT(text, ContainsSubstring("sigmoid"));
}
