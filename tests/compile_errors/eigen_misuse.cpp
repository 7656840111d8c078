// Right as it stands; each macro makes one mistake, which must be refused in words of this library.
#include <gelu/eigen.hpp>

int main() {
    const Eigen::ArrayXf x = Eigen::ArrayXf::Zero(8);
    Eigen::ArrayXf y = gelu::forward(x, gelu::tanh_form{});
    y = gelu::backward(y, x);
#ifdef EXPRESSION_OF_INT
    const Eigen::ArrayXi i = Eigen::ArrayXi::Zero(8);
    y = gelu::forward(i).cast<float>();
#endif
#ifdef EXPRESSION_OF_COMPLEX
    const Eigen::ArrayXcf c = Eigen::ArrayXcf::Zero(8);
    y = gelu::forward(c).real();
#endif
#ifdef MATRIX
    const Eigen::VectorXf v = Eigen::VectorXf::Zero(8);
    y = gelu::derivative(v);
#endif
#ifdef MIXED_GRADIENT
    const Eigen::ArrayXd grad = Eigen::ArrayXd::Zero(8);
    y = gelu::backward(grad, x);
#endif
    return y[0] == 0 ? 0 : 1;
}
