#include "ulp/make_subject.hpp"

template ulp::subject<double> ulp::make_subject<double>(verb, const oracle::function&, bool);
