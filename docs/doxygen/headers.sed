# What Doxygen reads of a header. Lines stay, for their numbers.

# To its caller a name says nothing of the instruction set.
s/^(inline namespace GELU_ABI \{|\}  \/\/ namespace GELU_ABI)$//
# By the name that a user of Eigen knows.
s/detail::tensor_base\)/Eigen::TensorBase)/
