#include "ulp/make_subject.hpp"

template ulp::subject<gelu::float16> ulp::make_subject<gelu::float16>(verb, const oracle::function&,
                                                                      bool);
template ulp::subject<gelu::bfloat16> ulp::make_subject<gelu::bfloat16>(verb,
                                                                        const oracle::function&,
                                                                        bool);
