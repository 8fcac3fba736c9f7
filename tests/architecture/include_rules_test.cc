// SPDX-License-Identifier: MIT
// The rule table over made-up includes: each rule must fire on what it forbids and be
// silent on the nearest thing that it allows.
#include "tests/architecture/include_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace assay::architecture {
namespace {

struct Forbidden {
  std::string_view rule;
  std::string_view file;
  std::string_view include;
  bool quoted = true;
};

// At least one line a rule; EveryRuleFires holds this list against the table.
constexpr Forbidden kForbidden[] = {
    {"backends-below-kernels", "backends/vgpu/device.cc", "kernels/common/op.h"},
    {"backends-below-kernels", "backends/registry.cc", "kernels/ops.h"},
    {"backends-below-regression", "backends/runtime/graph.cc", "regression/case.h"},
    {"kernels-below-regression", "kernels/matmul/packed.cc",
     "regression/judge/verdict.h"},
    {"tests-on-top", "regression/measure/worker.cc", "tests/support/fake.h"},
    {"kernels-see-the-interface", "kernels/matmul/packed.cc", "backends/vgpu/device.h"},
    {"kernels-see-the-interface", "kernels/matmul/packed.cc",
     "backends/inline/device.h"},
    {"kernels-see-the-interface", "kernels/matmul/packed.cc",
     "backends/runtime/graph.h"},
    {"kernels-see-the-interface", "kernels/matmul/packed.cc", "backends/registry.h"},
    {"regression-names-no-device", "regression/measure/worker.cc",
     "backends/vgpu/device.h"},
    {"regression-names-no-device", "regression/cli/run.cc", "backends/inline/device.h"},
    {"regression-names-no-implementation", "regression/measure/worker.cc",
     "kernels/matmul/matmul.h"},
    {"regression-names-no-implementation", "regression/cases/axpy.cc",
     "kernels/matmul/matmul.h"},
    {"regression-names-no-implementation", "regression/cases/matmul.cc",
     "kernels/matmul/matmul.h"},
    {"regression-names-no-implementation", "regression/measure/worker.cc",
     "kernels/vendor/library.h"},
    {"device-alone", "backends/vgpu/device.cc", "backends/inline/device.h"},
    {"device-alone", "backends/registry.h", "backends/vgpu/device.h"},
    {"device-alone", "backends/interface/device.h", "backends/vgpu/device.h"},
    {"device-alone", "backends/layers/trace.cc", "backends/vgpu/device.h"},
    {"interface-is-the-bottom", "backends/interface/device.h",
     "backends/runtime/graph.h"},
    {"op-alone", "kernels/axpy/axpy.cc", "kernels/matmul/matmul.h"},
    {"op-alone", "kernels/common/fill.cc", "kernels/matmul/matmul.h"},
    {"op-alone", "kernels/vendor/audit.cc", "kernels/matmul/matmul.h"},
    {"common-is-the-bottom", "kernels/common/fill.cc", "kernels/vendor/library.h"},
    {"tbb-home", "kernels/matmul/packed.cc", "tbb/parallel_for.h", false},
    {"tbb-home", "tests/backends/vgpu_test.cc", "tbb/task_arena.h", false},
    {"onetbb-home", "backends/runtime/pool.cc", "oneapi/tbb/task_arena.h", false},
    {"vulkan-home", "backends/vgpu/device.cc", "vulkan/vulkan.h", false},
    {"volk-home", "backends/vgpu/device.cc", "volk.h", false},
    {"dlfcn-home", "regression/measure/worker.cc", "dlfcn.h", false},
    {"cblas-home", "kernels/matmul/openblas.cc", "cblas.h", false},
    {"cblas-home", "kernels/matmul/openblas.cc", "cblas-openblas.h", false},
    {"onednn-home", "kernels/softmax/onednn.cc", "dnnl.h", false},
    {"highway-home", "regression/judge/statistics.cc", "hwy/highway.h", false},
    {"highway-home", "regression/judge/statistics.cc", "hwy/highway.h", true},
    {"hwloc-home", "backends/vgpu/vgpu.cc", "hwloc.h", false},
    {"hwloc-home", "regression/measure/machine.cc", "hwloc/linux.h", false},
    {"json-home", "regression/report/json.cc", "nlohmann/json.hpp", false},
    {"json-home", "tests/regression/json_test.cc", "nlohmann/json.hpp", false},
    {"cli11-home", "regression/report/console.cc", "CLI/CLI.hpp", false},
    {"gtest-home", "regression/measure/sampler.cc", "gtest/gtest_prod.h", false},
    {"gmock-home", "backends/runtime/graph.cc", "gmock/gmock.h", false},
    {"benchmark-home", "regression/cli/main.cc", "benchmark/benchmark.h", false},
    {"benchmark-home", "tests/kernels/matmul_test.cc", "benchmark/benchmark.h", false},
    {"no-parent-path", "kernels/matmul/packed.cc", "../common/op.h"},
    {"no-parent-path", "kernels/matmul/packed.cc", "kernels/matmul/../common/op.h"},
    {"from-the-root", "kernels/matmul/packed.cc", "matmul.h"},
    {"from-the-root", "regression/run.cc", "cli/options.h"},
};

struct Permitted {
  std::string_view file;
  std::string_view include;
  bool quoted = true;
};

constexpr Permitted kPermitted[] = {
    {"backends/vgpu/device.cc", "backends/vgpu/executor.h"},
    {"backends/vgpu/device.cc", "backends/interface/device.h"},
    {"backends/vgpu/device.cc", "backends/runtime/front_end.h"},
    {"backends/runtime/graph.cc", "backends/interface/graph.h"},
    {"backends/layers/trace.cc", "backends/interface/device.h"},
    {"backends/registry.cc", "backends/vgpu/device.h"},
    {"backends/registry.cc", "backends/inline/device.h"},
    {"backends/vgpu/tbb_executor.cc", "oneapi/tbb/task_arena.h", false},
    {"kernels/matmul/packed.cc", "kernels/matmul/matmul.h"},
    {"kernels/matmul/packed.cc", "kernels/common/op.h"},
    {"kernels/matmul/packed.cc", "backends/interface/command_buffer.h"},
    {"kernels/matmul/packed.cc", "hwy/highway.h"},
    {"kernels/matmul/openblas.cc", "kernels/vendor/library.h"},
    {"kernels/ops.cc", "kernels/matmul/matmul.h"},
    {"kernels/vendor/library.cc", "dlfcn.h", false},
    {"regression/measure/worker.cc", "backends/registry.h"},
    {"regression/measure/worker.cc", "backends/interface/device.h"},
    {"regression/measure/worker.cc", "kernels/ops.h"},
    {"regression/measure/worker.cc", "kernels/common/op.h"},
    {"regression/measure/worker.cc", "kernels/vendor/audit.h"},
    {"regression/measure/environment.cc", "kernels/vendor/known_libraries.h"},
    {"regression/report/console.cc", "kernels/peak/peak.h"},
    {"regression/cases/matmul.cc", "regression/cases/case.h"},
    {"regression/json/json.cc", "nlohmann/json.hpp", false},
    {"regression/report/json.cc", "regression/json/json.h"},
    {"regression/cli/main.cc", "CLI/CLI.hpp", false},
    {"regression/explore/explore.cc", "benchmark/benchmark.h", false},
    {"tests/backends/vgpu_test.cc", "backends/vgpu/device.h"},
    {"tests/backends/vgpu_test.cc", "tests/support/watchdog.h"},
    {"tests/backends/vgpu_test.cc", "gtest/gtest.h", false},
    {"kernels/matmul/packed.cc", "algorithm", false},
    {"kernels/matmul/packed.cc", "sys/mman.h", false},
};

Include as_include(std::string_view path, bool quoted) {
  return {.path = std::string(path), .quoted = quoted};
}

TEST(IncludeRulesTest, FiresOnWhatIsForbidden) {
  for (const Forbidden& line : kForbidden) {
    SCOPED_TRACE(std::string(line.file) + " -> " + std::string(line.include));
    const Rule* rule = broken_rule(line.file, as_include(line.include, line.quoted));
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->name, line.rule);
  }
}

TEST(IncludeRulesTest, IsSilentOnWhatIsPermitted) {
  for (const Permitted& line : kPermitted) {
    const Rule* rule = broken_rule(line.file, as_include(line.include, line.quoted));
    EXPECT_EQ(rule, nullptr) << line.file << " -> " << line.include << " breaks "
                             << rule->name;
  }
}

TEST(IncludeRulesTest, EveryRuleIsShownToFire) {
  std::set<std::string_view> shown;
  for (const Forbidden& line : kForbidden) shown.insert(line.rule);
  std::set<std::string_view> rules;
  for (const Rule& rule : include_rules()) rules.insert(rule.name);
  EXPECT_EQ(shown, rules);
}

TEST(PatternTest, StarStaysInsideAComponent) {
  EXPECT_TRUE(matches("a/*.cc", "a/b.cc", nullptr));
  EXPECT_FALSE(matches("a/*.cc", "a/b/c.cc", nullptr));
  EXPECT_TRUE(matches("a/**", "a/b/c.cc", nullptr));
  EXPECT_FALSE(matches("a/**", "ab/c.cc", nullptr));
  EXPECT_TRUE(matches("**", "", nullptr));
  EXPECT_FALSE(matches("a", "", nullptr));
  EXPECT_FALSE(matches("a", "ab", nullptr));
}

TEST(PatternTest, BracesCaptureOneComponent) {
  std::string capture;
  EXPECT_TRUE(matches("kernels/{}/**", "kernels/matmul/packed.cc", &capture));
  EXPECT_EQ(capture, "matmul");
  EXPECT_TRUE(matches("cases/{}.cc", "cases/axpy.cc", &capture));
  EXPECT_EQ(capture, "axpy");
  EXPECT_FALSE(matches("kernels/{}/**", "kernels/ops.cc", &capture));
  EXPECT_FALSE(matches("kernels/{}/**", "kernels//ops.cc", &capture));
}

}  // namespace
}  // namespace assay::architecture
