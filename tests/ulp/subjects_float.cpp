#include "ulp/make_subject.hpp"

template ulp::subject<float> ulp::make_subject<float>(verb, const oracle::function&, bool);
