// SPDX-License-Identifier: MIT
// Layers in a URI.
#include <gtest/gtest.h>

#include "backends/layers/layer.h"
#include "backends/registry.h"
#include "backends/runtime/uri.h"
#include "tests/support/status_checks.h"

namespace assay::layers {
namespace {

using testing_support::thrown_code;

TEST(StackTest, TakesLayersOffTheFront) {
  const runtime::UriStack stack =
      runtime::parse_stack("a+b(k=v,n=2)+c()+vgpu://?cus=2&executor=a+b");
  ASSERT_EQ(stack.layers.size(), 3U);
  EXPECT_EQ(stack.layers[0].scheme, "a");
  EXPECT_EQ(stack.layers[1].scheme, "b");
  EXPECT_EQ(stack.layers[1].parameters.at("k"), "v");
  EXPECT_EQ(stack.layers[1].parameters.at("n"), "2");
  EXPECT_TRUE(stack.layers[2].parameters.empty());
  EXPECT_EQ(stack.device, "vgpu://?cus=2&executor=a+b");
  EXPECT_EQ(runtime::spelling(stack.layers[0]), "a");
  EXPECT_EQ(runtime::spelling(stack.layers[1]), "b(k=v,n=2)");
  EXPECT_EQ(runtime::parse_stack("inline://").device, "inline://");
}

TEST(StackTest, RefusesWhatIsNoStack) {
  for (const char* uri : {"+inline://",
                          "trace++inline://",
                          "trace+",
                          "trace",
                          "trace(+inline://",
                          "trace()inline://",
                          "trace(x)+inline://",
                          "trace(=1)+inline://",
                          "trace(x=)+inline://",
                          "trace(x=1)+inline://",
                          "nothing+inline://",
                          "perturb+inline://",
                          "perturb(call=frob)+inline://",
                          "perturb(call=submit,call=wait)+inline://",
                          "perturb(call=submit,delay_us=-1)+inline://",
                          "perturb(call=submit,delay_us=9999999)+inline://",
                          "perturb(call=wait,mutex=1)+inline://",
                          "perturb(call=synchronize,mutex=1)+inline://",
                          "perturb(delay_us=5)+inline://",
                          "hazard(quiet=2)+inline://",
                          "hazard(loud=1)+inline://",
                          "inline+trace://",
                          "trace+inline://?cus=2"}) {
    EXPECT_EQ(thrown_code([&] { open_device(uri); }), StatusCode::invalid_argument)
        << uri;
  }
}

TEST(StackTest, TheDevicesUriOpensTheSameStack) {
  const std::string uri =
      "trace+perturb(call=submit,delay_us=1)+hazard(quiet=1)+vgpu://"
      "?cus=2&executor=std";
  const std::shared_ptr<Device> device = open_device(uri);
  EXPECT_EQ(device->caps().uri, uri);
  EXPECT_EQ(open_device(device->caps().uri)->caps().uri, uri);
}

TEST(StackTest, EveryKnownLayerOpens) {
  EXPECT_EQ(known_layers().size(), 3U);
  for (const LayerEntry& layer : known_layers()) {
    EXPECT_TRUE(layer.form.starts_with(layer.name)) << layer.form;
    EXPECT_FALSE(layer.summary.empty());
    const std::string arguments = layer.name == "perturb" ? "(call=wait)" : "";
    EXPECT_NE(open_device(layer.name + arguments + "+inline://"), nullptr);
  }
}

}  // namespace
}  // namespace assay::layers
