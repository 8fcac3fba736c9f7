// SPDX-License-Identifier: MIT
// The bars of the kernels: docs/results/kernels.md has the figures and says why some
// are missed. ci/bars says how long a part takes.
#include "regression/report/bars.h"

namespace assay::report {
namespace {

using Shapes = std::string_view[];
using Of = Bar::Of;

constexpr Shapes kSquare = {"32x32x32",       "64x64x64",      "100x100x100",
                            "128x128x128",    "200x200x200",   "256x256x256",
                            "384x384x384",    "512x512x512",   "1000x1000x1000",
                            "1024x1024x1024", "2048x2048x2048"};
constexpr Shapes kLarge = {"512x512x512", "1000x1000x1000", "1024x1024x1024",
                           "2048x2048x2048"};
constexpr Shapes kThin = {"8x4096x4096", "4096x64x64", "64x64x4096", "1x1024x1024",
                          "1x4096x4096"};
constexpr Shapes kBf16 = {"256x256x256", "512x512x512", "1024x1024x1024",
                          "2048x2048x2048"};
constexpr Shapes kFewRows = {"1x4096x4096", "8x4096x4096"};
constexpr Shapes kBatch4 = {"1000x4x4x4"};
constexpr Shapes kBatch8 = {"1000x8x8x8"};
constexpr Shapes kBatch16 = {"1000x16x16x16"};
constexpr Shapes kBatch32 = {"1000x32x32x32"};
constexpr Shapes kMlp = {"32x512x1024x512"};
// ResNet-50's, one of each kind a stage.
constexpr Shapes kConvolutions = {
    "1x56x56x64x64x3x3:pad=1", "1x28x28x128x128x3x3:pad=1", "1x14x14x256x256x3x3:pad=1",
    "1x7x7x512x512x3x3:pad=1", "1x56x56x64x256x1x1",        "1x28x28x512x128x1x1",
    "1x14x14x1024x256x1x1",    "1x7x7x2048x512x1x1"};
// Rows of 1 ... 16384: 64 KiB to 4 MiB, and one beyond the caches.
constexpr Shapes kRows = {"16384x1", "4096x16", "1024x128", "1024x1024", "64x16384"};
constexpr Shapes kFarRows = {"16384x1024"};
// In the first cache, the second, and beyond the last.
constexpr Shapes kVectors = {"2048", "65536", "16777216"};
constexpr Shapes kDots = {"2048:dot", "65536:dot", "16777216:dot"};
constexpr Shapes kTransposed = {"64x64", "256x256", "1023x1023", "4096x4096",
                                "4097x4097"};
constexpr Shapes kFarTransposed = {"4096x4096", "4097x4097"};

constexpr Bar kBars[] = {
    {"square", "matmul", kSquare, Of::library, 1.08, {}, 0, true},
    {"square", "matmul", kSquare, Of::library, 0.97},
    {"square", "matmul", kLarge, Of::peak, 0.95, {}, 1},
    {"square", "matmul", kLarge, Of::peak, 0.92, {}, 2},
    {"thin", "matmul", kThin, Of::library, 1.2, {}, 0, true},
    {"thin", "matmul", kThin, Of::library, 1.0},
    {"narrow", "matmul_bf16", kBf16, Of::f32, 1.7},
    {"narrow", "matmul_bf16", kBf16, Of::library, 1.0},
    {"narrow", "matmul_f16", kLarge, Of::f32, 0.95},
    {"narrow", "matmul_f16", kFewRows, Of::f32, 1.5},
    {"small", "batched_matmul", kBatch4, Of::library, 5.0},
    {"small", "batched_matmul", kBatch8, Of::library, 4.0},
    {"small", "batched_matmul", kBatch16, Of::library, 2.5},
    {"small", "batched_matmul", kBatch32, Of::library, 1.5},
    {"small", "mlp", kMlp, Of::library, 1.5, "openblas"},
    {"small", "mlp", kMlp, Of::library, 1.0, "onednn"},
    {"conv", "conv2d", kConvolutions, Of::library, 1.5, "openblas", 0, true},
    {"conv", "conv2d", kConvolutions, Of::library, 0.9, "onednn", 0, true},
    {"rows", "softmax", kRows, Of::library, 1.0},
    {"rows", "softmax", kFarRows, Of::library, 1.0},
    {"rows", "softmax", kFarRows, Of::triad, 0.85},
    {"rows", "layernorm", kRows, Of::library, 1.0},
    {"rows", "layernorm", kFarRows, Of::library, 1.0},
    {"rows", "layernorm", kFarRows, Of::triad, 0.85},
    {"memory", "axpy", kVectors, Of::library, 0.98},
    {"memory", "reduce", kVectors, Of::library, 0.98},
    {"memory", "reduce", kDots, Of::library, 0.98},
    {"memory", "transpose", kTransposed, Of::library, 0.98},
    {"memory", "transpose", kFarTransposed, Of::triad, 0.80},
};

}  // namespace

std::span<const Bar> kernel_bars() noexcept { return kBars; }

}  // namespace assay::report
