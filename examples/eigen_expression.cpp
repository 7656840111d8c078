// The GELU inside Eigen expressions: evaluated with them, in packets, without temporaries.
#include <Eigen/Core>
#include <cstdio>
#include <gelu/eigen.hpp>

int main() {
    const Eigen::MatrixXf w = Eigen::MatrixXf::Random(64, 32);
    const Eigen::VectorXf x = Eigen::VectorXf::Random(32);
    const Eigen::ArrayXf bias = Eigen::ArrayXf::Random(64);

    //! [layer]
    // A layer. The bias, the GELU and the scale are one loop over the product.
    const Eigen::ArrayXf y = 0.5f * gelu::forward((w * x).array() + bias, gelu::tanh_form{});

    // Nothing is computed until it is assigned: this is a type, not an array.
    const auto lazy = gelu::forward(bias.segment(3, 40));
    const Eigen::ArrayXf part = lazy;

    // Any expression, any layout: a row of a column-major matrix, every second coefficient.
    const Eigen::ArrayXf row = gelu::derivative(w.row(5).transpose().array());
    const Eigen::ArrayXf every_second = gelu::forward(bias(Eigen::seq(0, 63, 2)));

    // The backward pass, accumulated into a gradient; matrices go through array().
    Eigen::ArrayXf grad = Eigen::ArrayXf::Zero(64);
    grad += gelu::backward(y, (w * x).array() + bias, gelu::tanh_form{});
    //! [layer]

    // 16-bit arrays: float inside, rounded once.
    const Eigen::Array<Eigen::half, Eigen::Dynamic, 1> h = bias.cast<Eigen::half>();
    const Eigen::Array<Eigen::half, Eigen::Dynamic, 1> g = gelu::forward(h);

    // Two arrays are the array verb of gelu/array.hpp, with the same bits.
    const Eigen::ArrayXf z = (w * x).array() + bias;
    Eigen::ArrayXf out(64);
    gelu::forward(z, out, gelu::tanh_form{});
    const bool same_bits = (0.5f * out == y).all();

    std::printf("sum %.6f, part %.6f, row %.6f, every second %.6f, gradient %.6f, half %.3f\n",
                double(y.sum()), double(part.sum()), double(row.sum()), double(every_second.sum()),
                double(grad.sum()), double(g.cast<float>().sum()));
    std::printf("expression and array verb give %s bits\n", same_bits ? "the same" : "DIFFERENT");
    return same_bits ? 0 : 1;
}
