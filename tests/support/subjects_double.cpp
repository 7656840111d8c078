#include "support/subjects.hpp"

namespace gelu_tests {

template <>
const std::vector<std::unique_ptr<const subject<double>>>& subjects<double>() {
    static const auto all = make_subjects<double>();
    return all;
}

template <>
std::size_t lanes<double>() {
    return xsimd::batch<double>::size;
}

}  // namespace gelu_tests
