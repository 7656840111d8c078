// The bits of a result depend on the input's value alone.
#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/subject.hpp"
#include "support/values.hpp"

namespace {

using namespace gelu_tests;

/// A gradient that depends on x alone, so that backward can be shuffled with its input.
template <class T>
std::vector<T> gradients(const std::vector<T>& in) {
    std::vector<T> grad(in.size());
    for (std::size_t i = 0; i < in.size(); ++i)
        grad[i] = static_cast<T>(bits(in[i]) * 2654435761u % 2001) / 16 - 60;
    return grad;
}

/// Both results of a verb for every element of an input.
template <class T>
struct results {
    std::vector<T> out, slope;
    explicit results(std::size_t n) : out(n), slope(n) {}
};

template <class T>
void compare(failures& wrong, const std::vector<T>& in, const results<T>& got,
             const results<T>& want, const char* where) {
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (!same(got.out[i], want.out[i]))
            wrong.add(in[i], " at ", i, " gives ", got.out[i], " ", where, ", and alone ",
                      want.out[i]);
        if (!same(got.slope[i], want.slope[i]))
            wrong.add("the slope of ", in[i], " at ", i, " is ", got.slope[i], " ", where,
                      ", and alone ", want.slope[i]);
    }
}

/// Runs of values that kernels treat alike, some longer than any block that they work in, and
/// among them, more often in some runs than in others, values that they do not.
template <class T>
std::vector<T> values_in_runs(std::size_t n) {
    const T limit = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::denorm_min();
    std::mt19937_64 random(9);
    const auto below = [&](std::size_t end) { return random() % end; };
    const auto between = [&](double lo, double hi) {
        return static_cast<T>(lo + (hi - lo) * static_cast<double>(random() >> 11) * 0x1p-53);
    };
    std::vector<T> in;
    while (in.size() < n) {
        const std::size_t kind = below(6), rarity = below(2) == 0 ? 50 : 1000,
                          longest = below(8) == 0 ? 8000 : 90,
                          end = std::min(n, in.size() + 1 + below(longest));
        while (in.size() < end) {
            switch (below(rarity) == 0 ? below(6) : kind) {
                case 0:
                    in.push_back(between(-4, 4));
                    break;
                case 1:
                    in.push_back(between(-15, -13));
                    break;
                case 2:
                    in.push_back(between(-9, -4));
                    break;
                case 3:
                    in.push_back(-limit * between(0, 1));
                    break;
                case 4:
                    in.push_back(least * static_cast<T>(below(1000)));
                    break;
                default:
                    in.push_back(std::numeric_limits<T>::quiet_NaN());
                    break;
            }
        }
    }
    // Where blocks may start: values below all kernels' cuts, then ordinary ones and few such.
    for (std::size_t block = 0; block < 16; ++block) {
        in.resize((in.size() + 1023) / 1024 * 1024, T(1));
        in.insert(in.end(), 64 * (1 + block % 5), T(-50));
        for (std::size_t i = 0; i < 3000; ++i)
            in.push_back(i % 301 == block ? T(-60) : between(-1, 4));
    }
    return in;
}

}  // namespace

TEMPLATE_TEST_CASE("results do not depend on how many steps alike precede or follow",
                   "[independence]", float, double) {
    using T = TestType;
    const std::vector<T> in = values_in_runs<T>(100003), grad = gradients(in);
    const std::size_t n = in.size();
    for (const auto& verb : verbs<T>()) {
        failures wrong;
        results<T> alone(n), whole(n), in_place(n);
        for (std::size_t i = 0; i < n; ++i)
            verb(&grad[i], &in[i], &alone.out[i], &alone.slope[i], 1);
        verb(grad.data(), in.data(), whole.out.data(), whole.slope.data(), n);
        compare(wrong, in, whole, alone, "in runs");
        in_place.out = in;
        verb(grad.data(), in_place.out.data(), in_place.out.data(), in_place.slope.data(), n);
        compare(wrong, in, in_place, alone, "in runs and in place");
        INFO(verb.name);
        CHECK(wrong.text() == "");
    }
}

// 20000 elements are more than any block that a kernel may work in, and no multiple of a vector
// once an odd number is left out in front.
TEMPLATE_TEST_CASE("results do not depend on length, position, neighbours, alignment or aliasing",
                   "[independence]", float, double) {
    using T = TestType;
    const std::size_t n = 20000;
    const std::vector<T> in = mixed_values<T>(n), grad = gradients(in);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), std::mt19937_64(2));

    for (const auto& verb : verbs<T>()) {
        failures wrong;
        results<T> alone(n);
        for (std::size_t i = 0; i < n; ++i)
            verb(&grad[i], &in[i], &alone.out[i], &alone.slope[i], 1);

        results<T> whole(n);
        verb(grad.data(), in.data(), whole.out.data(), whole.slope.data(), n);
        compare(wrong, in, whole, alone, "in one array");

        results<T> shuffled(n), back(n);
        std::vector<T> in2(n), grad2(n);
        for (std::size_t i = 0; i < n; ++i) {
            in2[i] = in[order[i]];
            grad2[i] = grad[order[i]];
        }
        verb(grad2.data(), in2.data(), shuffled.out.data(), shuffled.slope.data(), n);
        for (std::size_t i = 0; i < n; ++i) {
            back.out[order[i]] = shuffled.out[i];
            back.slope[order[i]] = shuffled.slope[i];
        }
        compare(wrong, in, back, alone, "shuffled");

        results<T> pieces(n);
        std::size_t length = 1;
        for (std::size_t i = 0; i < n; i += length) {
            length = std::min(n - i, (length * 5 + 3) % 701);
            verb(&grad[i], &in[i], &pieces.out[i], &pieces.slope[i], length);
        }
        compare(wrong, in, pieces, alone, "in pieces");

        results<T> same_array(n);
        same_array.out = in;
        verb(grad.data(), same_array.out.data(), same_array.out.data(), same_array.slope.data(), n);
        compare(wrong, in, same_array, alone, "in place");

        if (verb.has_slope) {
            results<T> slope_is_in(n);
            slope_is_in.slope = in;
            verb(grad.data(), slope_is_in.slope.data(), slope_is_in.out.data(),
                 slope_is_in.slope.data(), n);
            compare(wrong, in, slope_is_in, alone, "with the slope in place");
        }
        if (verb.takes_grad) {
            results<T> out_is_grad(n);
            out_is_grad.out = grad;
            verb(out_is_grad.out.data(), in.data(), out_is_grad.out.data(),
                 out_is_grad.slope.data(), n);
            compare(wrong, in, out_is_grad, alone, "over the gradient");
        }
        INFO(verb.name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("forward_with_derivative gives the bits of forward and of derivative",
                   "[independence]", float, double) {
    using T = TestType;
    const std::size_t n = 10007;
    const std::vector<T> in = mixed_values<T>(n, 4);
    for (const auto& s : subjects<T>()) {
        results<T> separate(n), together(n);
        s->map(0, in.data(), separate.out.data(), n);
        s->map(1, in.data(), separate.slope.data(), n);
        s->both(in.data(), together.out.data(), together.slope.data(), n);
        failures wrong;
        compare(wrong, in, together, separate, "from forward_with_derivative");
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE(
    "the batch verbs, and a form called on a batch, give the bits of the array verbs",
    "[independence]", float, double) {
    using T = TestType;
    const std::size_t n = 200 * lanes<T>();
    const std::vector<T> in = mixed_values<T>(n, 6), grad = gradients(in);
    std::vector<T> arrays(n), batches(n);
    for (const auto& s : subjects<T>()) {
        failures wrong;
        const auto check = [&](const char* verb) {
            for (std::size_t i = 0; i < n; ++i)
                if (!same(arrays[i], batches[i]))
                    wrong.add(verb, "(", in[i], ") is ", batches[i], " in a batch and ", arrays[i],
                              " in an array");
        };
        const char* const names[] = {"forward", "derivative", "second_derivative"};
        for (int order = 0; order < 3; ++order) {
            s->map(order, in.data(), arrays.data(), n);
            for (std::size_t i = 0; i < n; i += lanes<T>())
                s->map_batch(order, &in[i], &batches[i]);
            check(names[order]);
        }
        s->map(0, in.data(), arrays.data(), n);
        for (std::size_t i = 0; i < n; i += lanes<T>()) s->call_batch(&in[i], &batches[i]);
        check("form");
        s->backward(grad.data(), in.data(), arrays.data(), n);
        for (std::size_t i = 0; i < n; i += lanes<T>())
            s->backward_batch(&grad[i], &in[i], &batches[i]);
        check("backward");
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("ranges give the bits of pointers", "[independence]", float, double) {
    using T = TestType;
    const std::size_t n = 1000 + lanes<T>() / 2;
    const std::vector<T> in = mixed_values<T>(n, 8), grad = gradients(in);
    for (const auto& s : subjects<T>()) {
        failures wrong;
        results<T> pointers(n), ranges(n);
        for (int order = 0; order < 3; ++order) {
            s->map(order, in.data(), pointers.out.data(), n);
            s->map(order, in, ranges.out);
            compare(wrong, in, ranges, pointers, "from ranges");
        }
        s->backward(grad.data(), in.data(), pointers.out.data(), n);
        s->backward(grad, in, ranges.out);
        compare(wrong, in, ranges, pointers, "from ranges, backward");
        s->both(in.data(), pointers.out.data(), pointers.slope.data(), n);
        s->both(in, ranges.out, ranges.slope);
        compare(wrong, in, ranges, pointers, "from ranges, both");
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("a form called on a value is the scalar forward", "[independence][forms]", float,
                   double) {
    using T = TestType;
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (const T x : mixed_values<T>(500, 12))
            if (!same(s->call_scalar(x), s->map_scalar(0, x))) wrong.add(x);
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}
