// SPDX-License-Identifier: MIT
// Which machines may share a baseline. A class is made of stable facts alone: a clock
// rate, a hostname, bogomips or the exact memory would split one machine into many, and
// every split is a gate that silently never runs.
#ifndef ASSAY_REGRESSION_BASELINES_HOST_CLASS_H_
#define ASSAY_REGRESSION_BASELINES_HOST_CLASS_H_

#include <map>
#include <string>
#include <vector>

#include "regression/measure/results.h"

namespace assay::baselines {

// Facts by name. `hard` facts must be equal for a baseline to apply: arch, vendor,
// family, isa flags, cpus, l2 and l3 size, hypervisor, compiler (name and major
// version), build type. `soft` ones are recorded, and a difference is told: kernel,
// huge pages, cpu model.
struct HostClass {
  std::string name;  // a folder name: "x86_64-amd-fam26-avx512-2c-kvm-l3_32m"
  std::map<std::string, std::string> hard;
  std::map<std::string, std::string> soft;
};

HostClass host_class_of(const measure::Machine& machine, const measure::Build& build);

// "cpus: 2 in the baseline, 16 here": one line for each fact that differs.
std::vector<std::string> hard_differences(const HostClass& stored,
                                          const HostClass& here);
std::vector<std::string> soft_differences(const HostClass& stored,
                                          const HostClass& here);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_HOST_CLASS_H_
