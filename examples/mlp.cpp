// Linear(10, 20) - GELU - Linear(20, 10): forward, backward, and the gradients checked against
// finite differences. Exits with 1 if they differ.
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <gelu/eigen.hpp>

namespace {

using Eigen::MatrixXd;
using Eigen::RowVectorXd;

struct linear {
    MatrixXd weight;
    RowVectorXd bias;
    linear(Eigen::Index in, Eigen::Index out)
        : weight(MatrixXd::Random(in, out) / std::sqrt(double(in))),
          bias(RowVectorXd::Random(out)) {}
    MatrixXd operator()(const MatrixXd& x) const { return (x * weight).rowwise() + bias; }
};

/// One sample a row.
struct network {
    linear first{10, 20}, second{20, 10};
};

template <class Form>
MatrixXd forward(const network& net, const MatrixXd& x, Form form) {
    return net.second(gelu::forward(net.first(x).array(), form).matrix());
}

/// Half the sum of squared differences: its gradient is the difference.
template <class Form>
double loss(const network& net, const MatrixXd& x, const MatrixXd& target, Form form) {
    return 0.5 * (forward(net, x, form) - target).squaredNorm();
}

/// The gradient of the loss with respect to every parameter, in the shape of the network.
template <class Form>
network gradient(const network& net, const MatrixXd& x, const MatrixXd& target, Form form) {
    const MatrixXd before = net.first(x);
    const MatrixXd hidden = gelu::forward(before.array(), form);
    const MatrixXd grad_out = net.second(hidden) - target;
    const MatrixXd grad_hidden = grad_out * net.second.weight.transpose();
    const MatrixXd grad_before = gelu::backward(grad_hidden.array(), before.array(), form);

    network grad;
    grad.second.weight = hidden.transpose() * grad_out;
    grad.second.bias = grad_out.colwise().sum();
    grad.first.weight = x.transpose() * grad_before;
    grad.first.bias = grad_before.colwise().sum();
    return grad;
}

/// The largest difference between the gradient and central differences of the loss.
template <class Form>
double check(network net, const MatrixXd& x, const MatrixXd& target, Form form) {
    const network grad = gradient(net, x, target, form);
    double worst = 0;
    const auto compare = [&](auto& parameters, const auto& slopes) {
        for (Eigen::Index i = 0; i < parameters.size(); ++i) {
            const double kept = parameters(i), h = 1e-5;
            parameters(i) = kept + h;
            const double above = loss(net, x, target, form);
            parameters(i) = kept - h;
            const double below = loss(net, x, target, form);
            parameters(i) = kept;
            worst = std::fmax(worst, std::fabs((above - below) / (2 * h) - slopes(i)));
        }
    };
    compare(net.first.weight, grad.first.weight);
    compare(net.first.bias, grad.first.bias);
    compare(net.second.weight, grad.second.weight);
    compare(net.second.bias, grad.second.bias);
    return worst;
}

template <class Form>
bool report(const char* name, const network& net, Form form) {
    const MatrixXd x = MatrixXd::Random(5, 10), target = MatrixXd::Random(5, 10);
    const double worst = check(net, x, target, form);
    std::printf("%-8s loss %.6f, gradient and finite differences differ by %.1e at most\n", name,
                loss(net, x, target, form), worst);
    return worst < 1e-7;
}

}  // namespace

int main() {
    const network net;
    const bool exact = report("exact", net, gelu::erf_form{});
    const bool tanh = report("tanh", net, gelu::tanh_form{});
    const bool sigmoid = report("sigmoid", net, gelu::sigmoid_form{});
    return exact && tanh && sigmoid ? 0 : 1;
}
