/// \file
/// GELU in three forms, their derivatives and their backward pass: scalars, SIMD batches and
/// arrays. Eigen expressions: gelu/eigen.hpp. Run-time choice of the instruction set:
/// gelu/dispatch.hpp.
#ifndef GELU_GELU_HPP
#define GELU_GELU_HPP

#include "gelu/accuracy.hpp"
#include "gelu/array.hpp"
#include "gelu/batch.hpp"
#include "gelu/forms.hpp"
#include "gelu/scalar.hpp"
#include "gelu/storage.hpp"
#include "gelu/version.hpp"

#endif
