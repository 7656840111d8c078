// gelu/eigen.hpp: however Eigen evaluates an expression, its bits are those of the array verbs.

// Eigen's assertions throw here, in release builds too, so that a forbidden allocation is seen.
#include <stdexcept>
inline void eigen_assertion(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
}
#define eigen_assert(x) eigen_assertion(static_cast<bool>(x), #x)
#define EIGEN_RUNTIME_NO_MALLOC
#define EIGEN_USE_THREADS
#include <unsupported/Eigen/CXX11/Tensor>
// Tensor support switches on where its header came first.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <gelu/eigen.hpp>
#include <limits>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace {

using Eigen::Array;
using Eigen::ColMajor;
using Eigen::Dynamic;
using Eigen::Index;
using Eigen::RowMajor;

template <class T>
using bits_t = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                  std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint16_t>>;

template <class T>
bool same(T a, T b) {
    bits_t<T> p, q;
    std::memcpy(&p, &a, sizeof p);
    std::memcpy(&q, &b, sizeof q);
    return p == q || (a != a && b != b);
}

/// The first place where two arrays differ, or -1.
template <class T>
Index first_difference(const T* a, const T* b, Index n) {
    for (Index i = 0; i < n; ++i)
        if (!same(a[i], b[i])) return i;
    return -1;
}

/// Ordinary values, tails, roots of the derivatives, subnormal, huge and special values, mixed so
/// that every packet holds some of each.
template <class T>
T sample(std::mt19937& generator) {
    using limits = std::numeric_limits<T>;
    static const T special[] = {T(0),
                                -T(0),
                                limits::infinity(),
                                -limits::infinity(),
                                limits::quiet_NaN(),
                                limits::denorm_min(),
                                -limits::denorm_min(),
                                (limits::min)(),
                                (limits::max)(),
                                -(limits::max)(),
                                T(-0.75179152469356446),
                                T(1.4142135623730951)};
    const auto kind = generator() % 8;
    if (kind == 0) return special[generator() % (sizeof special / sizeof *special)];
    if (kind == 1) return std::uniform_real_distribution<T>(T(-45), T(45))(generator);
    if (kind == 2) return std::uniform_real_distribution<T>(T(-15), T(-9))(generator);
    return std::normal_distribution<T>(T(0), T(2))(generator);
}

template <class A>
A samples(Index rows, Index cols, unsigned seed = 1) {
    using T = typename A::Scalar;
    using R = std::conditional_t<sizeof(T) == 2, float, T>;
    std::mt19937 generator(seed);
    A a(rows, cols);
    for (Index i = 0; i < a.size(); ++i) a.data()[i] = static_cast<T>(sample<R>(generator));
    return a;
}

/// The verbs' results for one expression, computed by the array verbs on a contiguous copy.
template <class Plain>
struct expected {
    Plain forward, derivative, second_derivative, backward;

    template <class Form>
    expected(const Plain& grad, const Plain& x, Form form)
        : forward(x), derivative(x), second_derivative(x), backward(x) {
        const auto n = static_cast<std::size_t>(x.size());
        gelu::forward(x.data(), forward.data(), n, form);
        gelu::derivative(x.data(), derivative.data(), n, form);
        gelu::second_derivative(x.data(), second_derivative.data(), n, form);
        gelu::backward(grad.data(), x.data(), backward.data(), n, form);
    }
};

template <class Plain>
void require_same(const Plain& got, const Plain& want) {
    const Index i = first_difference(got.data(), want.data(), got.size());
    CAPTURE(i, got.size());
    REQUIRE(i == -1);
}

/// A factor that changes no value. A verb outermost in an assignment runs as the array verb, on the
/// arrays or on chunks of an evaluated expression, and one inside an expression in packets and
/// coefficients: `one` makes an expression of the argument, or of the verb.
template <class Plain>
const auto one = static_cast<typename Plain::Scalar>(1.0f);

template <class Grad, class X, class Form>
void check_form(const Grad& grad, const X& x, Form form) {
    using Plain = typename X::PlainObject;
    const Plain flat_x = x, flat_grad = grad;
    const expected<Plain> want(flat_grad, flat_x, form);
    Plain got = gelu::forward(x, form);
    require_same(got, want.forward);
    got = gelu::derivative(x * one<Plain>, form);
    require_same(got, want.derivative);
    got = gelu::second_derivative(x, form) * one<Plain>;
    require_same(got, want.second_derivative);
    got = gelu::backward(grad, x, form);
    require_same(got, want.backward);
    got = gelu::backward(grad * one<Plain>, x, form) * one<Plain>;
    require_same(got, want.backward);
}

/// Layouts and forms don't interact: all of one on one of the other, or compiling takes minutes.
template <class Plain>
void check_forms(const Plain& grad, const Plain& x) {
    check_form(grad, x, gelu::erf_form{});
    check_form(grad, x, gelu::tanh_form{});
    check_form(grad, x, gelu::sigmoid_form{});
    check_form(grad, x, gelu::sigmoid_form{1.6});
    check_form(grad, x, gelu::fast{gelu::erf_form{}});
    check_form(grad, x, gelu::approximation::tanh);
}

template <class Grad, class X>
void check(const Grad& grad, const X& x) {
    using Plain = typename X::PlainObject;
    const Plain flat_x = x, flat_grad = grad;
    Plain want = flat_x;
    const auto n = static_cast<std::size_t>(want.size());
    gelu::forward(flat_x.data(), want.data(), n);
    Plain got = gelu::forward(x);
    require_same(got, want);
    got = gelu::forward(x * one<Plain>);
    require_same(got, want);
    got = gelu::forward(x) * one<Plain>;
    require_same(got, want);
    gelu::backward(flat_grad.data(), flat_x.data(), want.data(), n, gelu::tanh_form{});
    got = gelu::backward(grad, x * one<Plain>, gelu::tanh_form{});
    require_same(got, want);
}

/// An output whose every coefficient is written through a strided or unaligned view.
template <class X, class Out>
void check_output(const X& x, Out&& out) {
    using Plain = typename X::PlainObject;
    const Plain flat = x;
    const expected<Plain> want(flat, flat, gelu::tanh_form{});
    out = gelu::forward(x, gelu::tanh_form{});
    require_same(Plain(out), want.forward);
}

template <class Expression>
using functor_t = std::decay_t<decltype(std::declval<Expression>().functor())>;

template <class T, class Source>
constexpr bool vectorised_linearly =
    int{Eigen::internal::copy_using_evaluator_traits<
        Eigen::internal::evaluator<Array<T, Dynamic, 1>>, Eigen::internal::evaluator<Source>,
        Eigen::internal::assign_op<T, T>>::Traversal} == int{Eigen::LinearVectorizedTraversal};

}  // namespace

TEMPLATE_TEST_CASE("Expressions have the bits of the array verbs", "", float, double) {
    using T = TestType;
    using Columns = Array<T, Dynamic, Dynamic, ColMajor>;
    using Rows = Array<T, Dynamic, Dynamic, RowMajor>;

    SECTION("plain arrays, column and row major, of all small sizes") {
        for (Index n = 0; n < 40; ++n) {
            check(samples<Columns>(n, 1, 2), samples<Columns>(n, 1));
            check(samples<Rows>(1, n, 2), samples<Rows>(1, n));
        }
        check_forms(samples<Columns>(61, 37, 2), samples<Columns>(61, 37));
        check(samples<Rows>(61, 37, 2), samples<Rows>(61, 37));
    }
    SECTION("row major and column major in one expression") {
        const Columns grad = samples<Columns>(23, 19, 2);
        const Rows x = samples<Rows>(23, 19);
        const Columns y = x;
        const expected<Columns> want(grad, y, gelu::erf_form{});
        Columns got = gelu::forward(x);
        require_same(got, want.forward);
        got = gelu::backward(grad, y);
        require_same(got, want.backward);
    }
    SECTION("blocks, segments, transposes, reversed and matrices through array()") {
        const Columns x = samples<Columns>(64, 50), grad = samples<Columns>(64, 50, 2);
        check(grad.block(3, 5, 17, 29), x.block(3, 5, 17, 29));
        check(grad.col(3).segment(1, 39), x.col(2).segment(3, 39));
        check(grad.row(3), x.row(2));
        check(grad.transpose(), x.transpose());
        check(grad.reverse(), x.reverse());
        check(grad.template topRows<8>(), x.template topRows<8>());
        check(grad.matrix().array(), x.matrix().array());
    }
    SECTION("maps: unaligned, strided, const and Ref") {
        using Vector = Array<T, Dynamic, 1>;
        const Vector x = samples<Vector>(300, 1), grad = samples<Vector>(300, 1, 2);
        for (Index offset = 0; offset < 5; ++offset) {
            const Eigen::Map<const Vector> map_x(x.data() + offset, 91);
            const Eigen::Map<const Vector> map_grad(grad.data() + 2 * offset, 91);
            check(map_grad, map_x);
        }
        using Strided = Eigen::Map<const Vector, 0, Eigen::InnerStride<3>>;
        check(Strided(grad.data(), 99), Strided(x.data() + 1, 99));
        using Outer = Eigen::Map<const Columns, 0, Eigen::OuterStride<>>;
        check(Outer(grad.data(), 13, 11, Eigen::OuterStride<>(17)),
              Outer(x.data(), 13, 11, Eigen::OuterStride<>(19)));
        const Eigen::Ref<const Vector> ref = x.segment(7, 71);
        check(grad.segment(1, 71), ref);
    }
    SECTION("outputs: unaligned, strided, blocks, the input itself") {
        using Vector = Array<T, Dynamic, 1>;
        const Vector x = samples<Vector>(91, 1);
        std::vector<T> memory(400, T(7));
        for (Index offset = 0; offset < 5; ++offset)
            check_output(x, Eigen::Map<Vector>(memory.data() + offset, 91));
        check_output(x, Eigen::Map<Vector, 0, Eigen::InnerStride<3>>(memory.data(), 91));
        Columns m(100, 3);
        check_output(x, m.col(1).segment(4, 91));
        Vector y = x;
        check_output(x, y = x);
        const expected<Vector> want(x, x, gelu::erf_form{});
        y = x;
        y = gelu::forward(y);
        require_same(y, want.forward);
    }
    SECTION("fixed sizes, shorter than a register too") {
        check(samples<Array<T, 2, 1>>(2, 1, 2), samples<Array<T, 2, 1>>(2, 1));
        check(samples<Array<T, 4, 1>>(4, 1, 2), samples<Array<T, 4, 1>>(4, 1));
        check(samples<Array<T, 3, 5>>(3, 5, 2), samples<Array<T, 3, 5>>(3, 5));
        check(samples<Array<T, 4, 6, RowMajor>>(4, 6, 2), samples<Array<T, 4, 6, RowMajor>>(4, 6));
        check(samples<Array<T, 8, Dynamic>>(8, 7, 2), samples<Array<T, 8, Dynamic>>(8, 7));
    }
}

TEMPLATE_TEST_CASE("16-bit expressions have the bits of the array verbs", "", Eigen::half,
                   Eigen::bfloat16) {
    using T = TestType;
    using A = Array<T, Dynamic, Dynamic>;
    static_assert(std::is_same<decltype(gelu::forward(T(1), gelu::tanh_form{})), T>::value, "");
    // Every value of the type, in packets, and singly at the ends of blocks that start anywhere.
    A x(256, 256), grad(256, 256);
    for (Index i = 0; i < x.size(); ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        x.data()[i] = Eigen::numext::bit_cast<T>(bits);
        grad.data()[i] = static_cast<T>(static_cast<float>(i % 37) - 18.0f);
    }
    check_form(grad, x, gelu::erf_form{});
    check_form(grad, x, gelu::approximation::tanh);
    check(grad.block(1, 3, 67, 250), x.block(5, 2, 67, 250));
    check(grad.transpose(), x.transpose());
    check(samples<Array<T, 3, 5>>(3, 5, 2), samples<Array<T, 3, 5>>(3, 5));
    // Through float, the neighbours too: T's own rounding after each verb.
    const A sum = gelu::forward(x, gelu::tanh_form{}) + x;
    A value(256, 256);
    gelu::forward(x, value, gelu::tanh_form{});
    require_same(sum, A(value + x));
}

TEMPLATE_TEST_CASE("Neighbours in an expression change no bits", "", float, double) {
    using T = TestType;
    using Matrix = Eigen::Matrix<T, Dynamic, Dynamic>;
    using A = Array<T, Dynamic, Dynamic>;
    const Matrix w = Matrix::Random(33, 21), v = Matrix::Random(21, 18);
    const A b = A::Random(33, 18);
    const A z = (w * v).array() + b;
    const expected<A> want(b, z, gelu::tanh_form{});

    A got = gelu::forward((w * v).array() + b, gelu::tanh_form{});
    require_same(got, want.forward);

    // A multiplication inside a verb must not be contracted with the addition outside, nor one
    // outside with an addition inside. Stored intermediate results can't be contracted.
    const A x = samples<A>(33, 18), grad = A::Random(33, 18);
    const expected<A> parts(grad, x, gelu::erf_form{});
    const A sum_want = parts.forward + b;
    got = gelu::forward(x) + b;
    require_same(got, sum_want);
    const A update_want = b - parts.backward;
    got = b - gelu::backward(grad, x);
    require_same(got, update_want);
    const A scaled = x * T(0.3);
    const expected<A> inner(scaled, scaled, gelu::erf_form{});
    got = gelu::forward(x * T(0.3));
    require_same(got, inner.forward);

    // Nested: g(g'(x)), as a lazy expression of a lazy expression.
    const expected<A> outer(parts.derivative, parts.derivative, gelu::sigmoid_form{});
    got = gelu::forward(gelu::derivative(x), gelu::sigmoid_form{});
    require_same(got, outer.forward);
    // A form is callable on expressions too.
    got = gelu::erf_form{}(x);
    require_same(got, parts.forward);
    // Reductions evaluate packets without an assignment.
    CHECK(gelu::forward(b).sum() == gelu_tests::Approx(A(gelu::forward(b)).sum()).epsilon(1e-5));
}

TEMPLATE_TEST_CASE("Special values", "", float, double) {
    using T = TestType;
    using limits = std::numeric_limits<T>;
    using A = Array<T, Dynamic, 1>;
    const T inf = limits::infinity();
    A x(6);
    x << T(0), -T(0), inf, -inf, limits::quiet_NaN(), (limits::max)();
    const auto check_special = [&](auto form) {
        const A g = gelu::forward(x, form), slope = gelu::derivative(x, form),
                curvature = gelu::second_derivative(x, form);
        CHECK(same(g[0], T(0)));
        CHECK(same(g[1], -T(0)));
        CHECK(g[2] == inf);
        CHECK(same(g[3], -T(0)));
        CHECK(g[4] != g[4]);
        CHECK(g[5] == (limits::max)());
        CHECK(slope[0] == T(0.5));
        CHECK(slope[1] == T(0.5));
        CHECK(slope[2] == T(1));
        CHECK(slope[3] == T(0));
        CHECK(slope[4] != slope[4]);
        CHECK(curvature[2] == T(0));
        CHECK(curvature[3] == T(0));
        CHECK(curvature[4] != curvature[4]);
    };
    check_special(gelu::erf_form{});
    check_special(gelu::tanh_form{});
    check_special(gelu::sigmoid_form{});
}

TEMPLATE_TEST_CASE("A form chosen at run time is the form", "", float, double) {
    using A = Array<TestType, Dynamic, 1>;
    const A x = samples<A>(77, 1);
    for (const char* word : {"none", "tanh", "sigmoid"}) {
        const gelu::approximation choice = gelu::parse_approximation(word);
        A want(77);
        gelu::forward(x, want, choice);
        const A got = gelu::forward(x, choice);
        require_same(got, want);
    }
}

TEMPLATE_TEST_CASE("Constants are checked where the expression is made", "", float, double) {
    using A = Array<TestType, Dynamic, 1>;
    const A x = A::Zero(3);
    CHECK_THROWS_AS(gelu::forward(x, gelu::tanh_form{-1}), std::invalid_argument);
    CHECK_THROWS_AS(gelu::derivative(x, gelu::sigmoid_form{0}), std::invalid_argument);
    CHECK_THROWS_AS(gelu::second_derivative(x, gelu::fast{gelu::sigmoid_form{0}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(gelu::backward(x, x, gelu::tanh_form{std::nan("")}), std::invalid_argument);
    CHECK_THROWS_AS(gelu::backward(x, A::Zero(4), gelu::tanh_form{}), std::logic_error);
}

TEMPLATE_TEST_CASE("Two arrays remain the range verb", "", float, double) {
    using A = Array<TestType, Dynamic, Dynamic>;
    const A x = samples<A>(9, 5), grad = samples<A>(9, 5, 2);
    const expected<A> want(grad, x, gelu::tanh_form{});
    A out(9, 5);
    gelu::forward(x, out, gelu::tanh_form{});
    require_same(out, want.forward);
    gelu::backward(grad, x, out, gelu::tanh_form{});
    require_same(out, want.backward);
    static_assert(std::is_void<decltype(gelu::forward(x, out))>::value, "");
    static_assert(!std::is_void<decltype(gelu::forward(x, gelu::tanh_form{}))>::value, "");
    A wrong(9, 4);
    CHECK_THROWS_AS(gelu::forward(x, wrong), std::invalid_argument);
}

namespace {
/// The identity, counting the batches and the arrays that it is called for.
struct counting {
    int *batches, *calls;
    template <class B>
    B operator()(const B& x) const noexcept {
        ++*batches;
        return x;
    }
    template <class B>
    B operator()(const B& grad, const B&) const noexcept {
        ++*batches;
        return grad;
    }
    template <class T>
    void operator()(const T* in, T* out, std::size_t n) const noexcept {
        ++*calls;
        std::memcpy(out, in, n * sizeof(T));
    }
    template <class T>
    void operator()(const T* grad, const T*, T* out, std::size_t n) const noexcept {
        ++*calls;
        std::memcpy(out, grad, n * sizeof(T));
    }
};
}  // namespace

TEMPLATE_TEST_CASE("Expressions are evaluated in packets", "", float, double) {
    using T = TestType;
    using A = Array<T, Dynamic, 1>;
    const A x = A::Random(64 * 16), grad = A::Random(64 * 16);
    const auto value = gelu::forward(x + grad, gelu::tanh_form{});
    const auto product = gelu::backward(grad, x + T(1));
    using Value = std::decay_t<decltype(value)>;
    using Product = std::decay_t<decltype(product)>;

    constexpr bool packets = Eigen::internal::packet_traits<T>::Vectorizable;
#if defined(__SSE2__) || defined(__ARM_NEON)
    CHECK(packets);
#endif  // Eigen 3.4 has none for WebAssembly and RISC-V, and goes value by value there.
    CHECK(bool(Eigen::internal::functor_traits<functor_t<Value>>::PacketAccess) == packets);
    CHECK(bool(Eigen::internal::functor_traits<functor_t<Product>>::PacketAccess) == packets);
    CHECK(bool(Eigen::internal::evaluator<Value>::Flags & Eigen::PacketAccessBit) == packets);
    CHECK(bool(Eigen::internal::evaluator<Product>::Flags & Eigen::PacketAccessBit) == packets);
    CHECK(vectorised_linearly<T, Value> == packets);
    CHECK(vectorised_linearly<T, Product> == packets);

    int batches = 0, calls = 0;
    using probe = gelu::detail::eigen_functor<T, counting>;
    const probe count(counting{&batches, &calls});
    // A packet is a batch; others (128 bits on SVE) and single values go through memory.
    constexpr int width = packets ? int{Eigen::internal::packet_traits<T>::size} : 1;
    constexpr bool in_registers = width == int(gelu::detail::native_batch<T>::size);
    const int all = static_cast<int>(x.size()) / width;
    A y = x.unaryExpr(count) + T(0);
    CHECK(batches == (in_registers ? all : 0));
    CHECK(calls == (in_registers ? 0 : all));
    CHECK((y == x).all());
    y = grad.binaryExpr(x, count) + T(0);
    CHECK(batches == (in_registers ? 2 * all : 0));
    CHECK(calls == (in_registers ? 0 : 2 * all));
    CHECK((y == grad).all());
#if defined(__SSE2__)
    CHECK(in_registers);
#endif
    batches = calls = 0;

    // Outermost: one call for contiguous memory, one a column for a block, one a chunk.
    y = x.unaryExpr(count);
    CHECK(calls == 1);
    CHECK((y == x).all());
    y = grad.binaryExpr(x, count);
    CHECK(calls == 2);
    CHECK((y == grad).all());
    Array<T, Dynamic, Dynamic> block(50, 4);
    block.middleRows(3, 40) = x.head(160).reshaped(40, 4).unaryExpr(count);
    CHECK(calls == 6);
    CHECK((block.middleRows(3, 40).reshaped() == x.head(160)).all());
    y = (x + T(0)).unaryExpr(count);
    CHECK(calls == 6 + (64 * 16 + 255) / 256);
    CHECK((y == x).all());
    CHECK(batches == 0);
}

TEMPLATE_TEST_CASE("Expressions allocate nothing", "", float, double) {
    using A = Array<TestType, Dynamic, Dynamic>;
    const A x = A::Random(50, 40), b = A::Random(50, 40);
    A y(50, 40);
    struct forbid {
        forbid() { Eigen::internal::set_is_malloc_allowed(false); }
        ~forbid() { Eigen::internal::set_is_malloc_allowed(true); }
    };
    {
        forbid allocation;
        y = gelu::forward(x + b, gelu::tanh_form{}) * TestType(2);
        y.block(1, 1, 9, 9) = gelu::derivative(x.block(3, 3, 9, 9)) - b.block(0, 0, 9, 9);
        y += gelu::backward(b, gelu::forward(x), gelu::sigmoid_form{});
        y = gelu::second_derivative(y, gelu::approximation::none);
    }
    const auto temporary = [&] {
        forbid allocation;
        y = gelu::forward(A(x + b)).eval();
    };
    CHECK_THROWS_AS(temporary(), std::logic_error);  // the guard above can fail
}

TEMPLATE_TEST_CASE("Tensor expressions have the bits of the array verbs", "", float, double) {
    using T = TestType;
    using Vector = Array<T, Dynamic, 1>;
    constexpr Index rows = 301, cols = 127, n = rows * cols;
    const Vector x = samples<Vector>(n, 1), grad = samples<Vector>(n, 1, 2);

    const auto check_tensor = [&](auto layout, auto form) {
        using Tensor = Eigen::Tensor<T, 2, decltype(layout)::value>;
        const Eigen::TensorMap<const Tensor> tx(x.data(), rows, cols),
            tgrad(grad.data(), rows, cols);
        const expected<Vector> want(grad, x, form);
        const auto require_tensor = [&](const Tensor& got, const Vector& wanted) {
            CHECK(first_difference(got.data(), wanted.data(), n) == -1);
        };
        Tensor got = gelu::forward(tx, form);
        require_tensor(got, want.forward);
        got = gelu::derivative(tx, form);
        require_tensor(got, want.derivative);
        got = gelu::second_derivative(tx, form);
        require_tensor(got, want.second_derivative);
        got = gelu::backward(tgrad, tx, form);
        require_tensor(got, want.backward);

        Eigen::ThreadPool pool(4);
        const Eigen::ThreadPoolDevice threads(&pool, 4);
        got.setZero();
        got.device(threads) = gelu::forward(tx, form);
        require_tensor(got, want.forward);
        got.device(threads) = gelu::backward(tgrad, tx, form);
        require_tensor(got, want.backward);
        // A shuffle is evaluated block by block.
        const Eigen::array<Index, 2> swap{{1, 0}};
        const Tensor turned = tx.shuffle(swap);
        got.setZero();
        got.device(threads) = gelu::forward(turned.shuffle(swap), form);
        require_tensor(got, want.forward);
    };
    using columns = std::integral_constant<int, ColMajor>;
    using by_rows = std::integral_constant<int, RowMajor>;
    check_tensor(columns{}, gelu::erf_form{});
    check_tensor(columns{}, gelu::tanh_form{});
    check_tensor(by_rows{}, gelu::sigmoid_form{});
    check_tensor(by_rows{}, gelu::fast{gelu::erf_form{}});
    check_tensor(columns{}, gelu::approximation::sigmoid);

    Eigen::Tensor<T, 2> in(rows, cols), out(rows, cols);
    std::memcpy(in.data(), x.data(), n * sizeof(T));
    gelu::forward(in, out);  // the range verb
    CHECK(first_difference(out.data(), expected<Vector>(x, x, gelu::erf_form{}).forward.data(),
                           n) == -1);
    using Lazy = decltype(gelu::forward(in));
    CHECK(bool(Eigen::TensorEvaluator<const Lazy, Eigen::DefaultDevice>::PacketAccess) ==
          bool(Eigen::internal::packet_traits<T>::Vectorizable));
}
