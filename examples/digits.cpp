// Trains Linear(64, 64) - GELU - Linear(64, 10) on 1797 handwritten digits, once with each form of
// the GELU, and says how many of the digits held back it recognises.
//
//   example_digits [--data CSV] [--pre-activations FILE]
//
// --pre-activations writes what enters the GELU after training, for all images and all three
// networks, as raw float32 values: real input for the benchmarks. Exits with 1 if one of the
// networks recognises 95 % or less.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <gelu/gelu.hpp>
#include <numeric>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXf;

constexpr Index pixels = 64, hidden_units = 64, classes = 10;

struct data_set {
    MatrixXf images;  // one image a column, pixels in [0, 1]
    std::vector<Index> labels;
};

data_set read_csv(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    std::vector<float> values;
    data_set data;
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::vector<float> row;
        for (std::string field; std::getline(fields, field, ',');) row.push_back(std::stof(field));
        if (row.size() != pixels + 1)
            throw std::runtime_error(path + ", line " + std::to_string(data.labels.size() + 1) +
                                     ": expected 64 pixels and the digit");
        data.labels.push_back(static_cast<Index>(row.back()));
        values.insert(values.end(), row.begin(), row.end() - 1);
    }
    const auto count = static_cast<Index>(data.labels.size());
    data.images = Eigen::Map<const MatrixXf>(values.data(), pixels, count) / 16.0f;
    return data;
}

/// Weights with the running moments that Adam (arXiv 1412.6980) keeps of their gradient.
struct parameter {
    MatrixXf value, mean, square;

    parameter(Index rows, Index columns)
        : value(MatrixXf::Zero(rows, columns)), mean(value), square(value) {}

    void step(const MatrixXf& gradient, int t) {
        constexpr float rate = 2e-3f, decay1 = 0.9f, decay2 = 0.999f;
        mean = decay1 * mean + (1 - decay1) * gradient;
        square = decay2 * square + (1 - decay2) * gradient.cwiseAbs2();
        const auto power = static_cast<float>(t);
        const float scale1 = 1 - std::pow(decay1, power), scale2 = 1 - std::pow(decay2, power);
        value.array() -=
            rate * (mean.array() / scale1) / ((square.array() / scale2).sqrt() + 1e-8f);
    }
};

template <class Form>
class network {
public:
    network(Form form, std::mt19937& random) : form_(form) {
        for (parameter* weights : {&weights1_, &weights2_}) {
            const auto fan_in = static_cast<float>(weights->value.cols());
            std::normal_distribution<float> draw(0, std::sqrt(2 / fan_in));
            for (Index i = 0; i < weights->value.size(); ++i)
                weights->value.data()[i] = draw(random);
        }
    }

    MatrixXf pre_activations(const MatrixXf& images) const {
        return (weights1_.value * images).colwise() + VectorXf(bias1_.value);
    }

    MatrixXf probabilities(const MatrixXf& images) const {
        const MatrixXf pre = pre_activations(images);
        MatrixXf hidden(pre.rows(), pre.cols());
        gelu::forward(pre, hidden, form_);
        return softmax(hidden);
    }

    /// One step of Adam on the mean cross-entropy, which it returns.
    float train(const MatrixXf& images, const std::vector<Index>& labels, int t) {
        const MatrixXf pre = pre_activations(images);
        MatrixXf hidden(pre.rows(), pre.cols());
        gelu::forward(pre, hidden, form_);

        MatrixXf grad_logits = softmax(hidden);
        float loss = 0;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            float& p = grad_logits(labels[i], static_cast<Index>(i));
            loss -= std::log(std::max(p, 1e-30f));
            p -= 1;
        }
        const auto count = static_cast<float>(labels.size());
        grad_logits /= count;

        const MatrixXf grad_hidden = weights2_.value.transpose() * grad_logits;
        MatrixXf grad_pre(pre.rows(), pre.cols());
        gelu::backward(grad_hidden, pre, grad_pre, form_);

        weights2_.step(grad_logits * hidden.transpose(), t);
        bias2_.step(grad_logits.rowwise().sum(), t);
        weights1_.step(grad_pre * images.transpose(), t);
        bias1_.step(grad_pre.rowwise().sum(), t);
        return loss / count;
    }

private:
    MatrixXf softmax(const MatrixXf& hidden) const {
        MatrixXf p = (weights2_.value * hidden).colwise() + VectorXf(bias2_.value);
        const Eigen::RowVectorXf largest = p.colwise().maxCoeff();
        p = (p.rowwise() - largest).array().exp().matrix();
        const Eigen::RowVectorXf sums = p.colwise().sum();
        p.array().rowwise() /= sums.array();
        return p;
    }

    Form form_;
    parameter weights1_{hidden_units, pixels}, bias1_{hidden_units, 1};
    parameter weights2_{classes, hidden_units}, bias2_{classes, 1};
};

template <class Form>
double accuracy(const network<Form>& net, const data_set& data) {
    const MatrixXf p = net.probabilities(data.images);
    std::size_t right = 0;
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
        Index best = 0;
        p.col(static_cast<Index>(i)).maxCoeff(&best);
        right += best == data.labels[i];
    }
    return static_cast<double>(right) / static_cast<double>(data.labels.size());
}

data_set pick(const data_set& data, const std::vector<std::size_t>& which, std::size_t begin,
              std::size_t end) {
    data_set part;
    part.images.resize(pixels, static_cast<Index>(end - begin));
    for (std::size_t i = begin; i < end; ++i) {
        part.images.col(static_cast<Index>(i - begin)) =
            data.images.col(static_cast<Index>(which[i]));
        part.labels.push_back(data.labels[which[i]]);
    }
    return part;
}

/// Trains one network, appends its pre-activations and returns its accuracy on the test part.
template <class Form>
double run(const char* name, Form form, const data_set& data, std::vector<float>& activations) {
    constexpr int epochs = 30;
    constexpr std::size_t batch = 32;

    std::mt19937 random(1606);
    std::vector<std::size_t> order(data.labels.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::shuffle(order.begin(), order.end(), random);
    const std::size_t held_back = order.size() / 5;
    const data_set test = pick(data, order, 0, held_back);
    order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(held_back));

    network<Form> net(form, random);
    std::printf("%-8s loss", name);
    int t = 0;
    for (int epoch = 1; epoch <= epochs; ++epoch) {
        std::shuffle(order.begin(), order.end(), random);
        double loss = 0;
        for (std::size_t begin = 0; begin < order.size(); begin += batch) {
            const std::size_t end = std::min(begin + batch, order.size());
            const data_set part = pick(data, order, begin, end);
            loss += static_cast<double>(net.train(part.images, part.labels, ++t)) *
                    static_cast<double>(end - begin);
        }
        if (epoch == 1 || epoch % 5 == 0) {
            std::printf(" %.4f", loss / static_cast<double>(order.size()));
            std::fflush(stdout);
        }
    }
    const double share = accuracy(net, test);
    std::printf("   test accuracy %.1f %% of %zu digits\n", 100 * share, test.labels.size());

    const MatrixXf pre = net.pre_activations(data.images);
    activations.insert(activations.end(), pre.data(), pre.data() + pre.size());
    return share;
}

}  // namespace

int main(int argc, char** argv) try {
    std::string csv = GELU_DIGITS_CSV, output;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--data" && i + 1 < argc)
            csv = argv[++i];
        else if (option == "--pre-activations" && i + 1 < argc)
            output = argv[++i];
        else
            throw std::invalid_argument(
                "usage: example_digits [--data CSV] [--pre-activations FILE]");
    }

    const data_set data = read_csv(csv);
    std::printf(
        "%zu digits; Linear(64, 64) - GELU - Linear(64, 10), Adam, batches of 32; "
        "training loss after epochs 1, 5, 10, ... 30\n",
        data.labels.size());
    std::vector<float> activations;
    const double worst = std::min({run("exact", gelu::erf_form{}, data, activations),
                                   run("tanh", gelu::tanh_form{}, data, activations),
                                   run("sigmoid", gelu::sigmoid_form{}, data, activations)});

    if (!output.empty()) {
        std::ofstream file(output, std::ios::binary);
        file.write(reinterpret_cast<const char*>(activations.data()),
                   static_cast<std::streamsize>(activations.size() * sizeof(float)));
        if (!file.flush()) throw std::runtime_error("cannot write " + output);
        const auto ends = std::minmax_element(activations.begin(), activations.end());
        std::printf("%zu pre-activations in [%.2f, %.2f] written to %s\n", activations.size(),
                    static_cast<double>(*ends.first), static_cast<double>(*ends.second),
                    output.c_str());
    }
    if (worst <= 0.95) {
        std::fprintf(stderr, "example_digits: accuracy is not above 95 %%\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
} catch (const std::exception& e) {
    std::fprintf(stderr, "example_digits: %s\n", e.what());
    return EXIT_FAILURE;
}
