#include "support/subjects.hpp"

namespace gelu_tests {

template <>
const std::vector<std::unique_ptr<const subject<float>>>& subjects<float>() {
    static const auto all = make_subjects<float>();
    return all;
}

template <>
std::size_t lanes<float>() {
    return xsimd::batch<float>::size;
}

std::size_t streamed_length() {
    namespace detail = gelu::detail;
    return detail::ops::has_streams<xsimd::batch<float>> ? detail::streamed_bytes / sizeof(float)
                                                         : 0;
}

}  // namespace gelu_tests
