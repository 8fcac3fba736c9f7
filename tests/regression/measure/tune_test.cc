// SPDX-License-Identifier: MIT
// Choices of an implementation: asked for, set against each other, and kept apart from
// what a formula chooses.
#include "regression/measure/tune.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "backends/registry.h"
#include "backends/runtime/kernel_cache.h"
#include "kernels/ops.h"
#include "regression/measure/choices.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {
namespace {

KernelKey key_named(const std::string& name) {
  KernelKey key;
  key.kernel = name;
  key.toolchain = "formula 1";
  return key;
}

TEST(TunedChoicesTest, StandOnlyWhereTheyAreAskedFor) {
  const std::shared_ptr<KernelCache> cache = runtime::open_kernel_cache({});
  const KernelKey key = key_named("blocks");
  EXPECT_FALSE(tuned_key(key) == key);
  EXPECT_EQ(tuned_choice(*cache, key), nullptr);
  cache->replace(tuned_key(key), "tuned");
  const auto formula = [] { return std::string("formula"); };
  EXPECT_EQ(*cache->get_or_compile(key, formula), "formula");
  const auto tuned = with_tuned_choices(cache);
  EXPECT_EQ(*tuned->get_or_compile(key, formula), "tuned");
  // Where nothing is tuned, what the formula chooses; it is kept under its own key.
  const KernelKey other = key_named("others");
  EXPECT_EQ(*tuned->get_or_compile(other, formula), "formula");
  EXPECT_EQ(tuned_choice(*cache, other), nullptr);
  EXPECT_EQ(*cache->get_or_compile(other, [] { return std::string("again"); }),
            "formula");
  EXPECT_EQ(*tuned_choice(*cache, key), "tuned");
}

TEST(TunedChoicesTest, AreKeptWhenTheyAreBetterAndTakenBackWhenNot) {
  const std::shared_ptr<KernelCache> cache = runtime::open_kernel_cache({});
  const OwnChoice own = {key_named("blocks"), "default"};
  EXPECT_FALSE(keep_choice(*cache, own, "other", false));
  EXPECT_EQ(tuned_choice(*cache, own.key), nullptr);
  EXPECT_TRUE(keep_choice(*cache, own, "other", true));
  EXPECT_EQ(*tuned_choice(*cache, own.key), "other");
  EXPECT_FALSE(keep_choice(*cache, own, "other", true));
  EXPECT_TRUE(keep_choice(*cache, own, "another", true));
  EXPECT_EQ(*tuned_choice(*cache, own.key), "another");
  EXPECT_TRUE(keep_choice(*cache, own, "another", false));
  EXPECT_EQ(*tuned_choice(*cache, own.key), "default");
  EXPECT_FALSE(keep_choice(*cache, own, "another", false));
}

TEST(TuneTest, AsksForAChoiceAndSetsAnotherAgainstIt) {
  const auto device = open_device("inline://");
  const Op& op = *find_op("matmul");
  const Implementation& row = *find_implementation(op, "packed");
  ASSERT_NE(row.other_choices, nullptr);
  // Too thin for panels: nothing to choose.
  EXPECT_FALSE(own_choice(*device, row, *op.make_problem("1x64x64", DType::f32)));
  const auto problem = op.make_problem("48x64x200:nt", DType::f32);
  const auto own = own_choice(*device, row, *problem);
  ASSERT_TRUE(own);
  EXPECT_NE(own->text.find("kc="), std::string::npos);
  const auto others = row.other_choices(device->caps(), own->text);
  ASSERT_FALSE(others.empty());
  EXPECT_EQ(std::count(others.begin(), others.end(), own->text), 0);
  SamplerOptions options;
  options.blocks = 1;
  options.epoch_ms = 0.1;
  options.parts = 1;
  Expected expected = compute_expected(*problem, DataFamily::uniform, 1);
  const std::string other = "kc=40 a_block_bytes=4096";
  const Duel fought = duel(device, row, *problem, expected, own->text, other, options);
  EXPECT_EQ(fought.wrong, "");
  EXPECT_EQ(fought.blocks.size(), 1U);
  EXPECT_NE(fought.configuration.find("kc=40 "), std::string::npos)
      << fought.configuration;
  expected.value[7] += 1;
  const std::string wrong =
      duel(device, row, *problem, expected, own->text, other, options).wrong;
  EXPECT_TRUE(wrong.starts_with(other)) << wrong;
}

}  // namespace
}  // namespace assay::measure
