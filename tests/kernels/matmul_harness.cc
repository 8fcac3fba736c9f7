// SPDX-License-Identifier: MIT
#include "tests/kernels/matmul_harness.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <map>
#include <span>

#include "backends/interface/status.h"
#include "backends/registry.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/panel_format.h"
#include "kernels/matmul/problem.h"

namespace assay::testing_support {
namespace {

// Guard pads: wider than any vector or packed row, a multiple of usual alignments, in a
// pattern that is a signalling NaN as f32 and shows up when it is used as data.
constexpr std::size_t kPad = 1024;
constexpr std::byte kGuard{0x7f};

bool intact(std::span<const std::byte> pad) {
  return std::all_of(pad.begin(), pad.end(), [](std::byte b) { return b == kGuard; });
}

void must_succeed(const Status& status) {
  if (!status.ok()) throw Error(status);
}

// One operand on the device, between its pads.
class Padded {
 public:
  Padded(Device& device, const std::vector<std::byte>& content)
      : bytes_(content.size()),
        buffer_(device.create_buffer(
            {bytes_ + 2 * kPad, MemoryKind::device, "padded operand"})),
        staging_(device.create_buffer(
            {bytes_ + 2 * kPad, MemoryKind::host, "padded operand, staging"})) {
    const Mapping mapping = staging_->map();
    const std::span<std::byte> all = mapping.bytes();
    std::fill(all.begin(), all.end(), kGuard);
    std::copy(content.begin(), content.end(), all.begin() + kPad);
  }

  BufferSlice slice() const { return {buffer_, kPad, bytes_}; }
  void record_upload(CommandEncoder& encoder) const {
    encoder.copy({staging_}, {buffer_});
  }
  void record_download(CommandEncoder& encoder) const {
    encoder.copy({buffer_}, {staging_});
  }
  // After the download: the contents, and whether the pads are as they were.
  std::vector<std::byte> content(bool* pads_intact) const {
    const Mapping mapping = staging_->map();
    const std::span<const std::byte> all = mapping.bytes();
    *pads_intact = intact(all.first(kPad)) && intact(all.last(kPad));
    const auto inside = all.subspan(kPad, bytes_);
    return {inside.begin(), inside.end()};
  }

 private:
  std::size_t bytes_;
  std::shared_ptr<Buffer> buffer_;
  std::shared_ptr<Buffer> staging_;
};

}  // namespace

std::vector<float> floats_of(const std::vector<std::byte>& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<std::byte> bytes_of_floats(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

Operands make_operands(const Problem& problem, DataFamily family, std::uint64_t seed) {
  Operands operands;
  for (std::size_t i = 0; i < problem.operands().size(); ++i) {
    const Operand& operand = problem.operands()[i];
    std::vector<std::byte> bytes(operand.bytes());
    if (operand.access == Access::write) {
      for (std::size_t at = 0; at < bytes.size(); at += sizeof kPoisonBits) {
        std::memcpy(&bytes[at], &kPoisonBits, sizeof kPoisonBits);
      }
    } else {
      problem.fill(i, family, seed, bytes);
    }
    operands.push_back(std::move(bytes));
  }
  return operands;
}

std::vector<Isa> isas_of(const Implementation& implementation, const Problem& problem) {
  Device& device = *device_or_skip("inline://");
  std::vector<Isa> isas;
  for (const Isa isa : available_isas()) {
    const IsaOverride override_isa(isa);
    isas.push_back(isa);
    const auto prepared = implementation.prepare({&device}, problem);
    if (prepared->configuration().find("isa=") == std::string::npos) break;
  }
  return isas;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

Outcome run_once(Device& device, const Implementation& implementation,
                 const Problem& problem, const Operands& operands,
                 const vendor::Library* library) {
  std::vector<Padded> padded;
  std::vector<BufferSlice> slices;
  padded.reserve(operands.size());
  for (const std::vector<std::byte>& operand : operands) {
    padded.emplace_back(device, operand);
    slices.push_back(padded.back().slice());
  }
  const std::unique_ptr<Prepared> prepared =
      implementation.prepare({&device, library}, problem);

  const auto encoder = device.create_encoder();
  for (const Padded& operand : padded) operand.record_upload(*encoder);
  prepared->record_setup(*encoder, slices);
  prepared->record(*encoder, slices);
  for (const Padded& operand : padded) operand.record_download(*encoder);
  const auto queue = device.create_queue();
  must_succeed(queue->submit(encoder->finish()).wait());

  Outcome outcome;
  outcome.configuration = prepared->configuration();
  for (std::size_t i = 0; i < padded.size(); ++i) {
    bool pads_intact = false;
    const std::vector<std::byte> after = padded[i].content(&pads_intact);
    const std::string& name = problem.operands()[i].name;
    if (!pads_intact) outcome.damage += "guard pad of " + name + " changed; ";
    if (i == problem.output()) {
      outcome.output = floats_of(after);
    } else if (after != operands[i]) {
      outcome.damage += "input " + name + " changed; ";
    }
  }
  return outcome;
}

NumericGate::NumericGate(const Op& op, std::string_view shape, DataFamily family,
                         std::uint64_t seed)
    : problem_(op.make_problem(shape, DType::f32)),
      family_(family),
      operands_(make_operands(*problem_, family, seed)) {
  const std::vector<std::span<const std::byte>> spans(operands_.begin(),
                                                      operands_.end());
  expected_ = problem_->expected(spans, family_);
}

NumericGate::NumericGate(const Op& op, std::string_view shape, DataFamily family,
                         Operands operands)
    : problem_(op.make_problem(shape, DType::f32)),
      family_(family),
      operands_(std::move(operands)) {
  const std::vector<std::span<const std::byte>> spans(operands_.begin(),
                                                      operands_.end());
  expected_ = problem_->expected(spans, family_);
}

NumericGate::NumericGate(std::string_view shape, DataFamily family, std::uint64_t seed)
    : NumericGate(matmul::kOp, shape, family, seed) {}

NumericGate::NumericGate(std::string_view shape, DataFamily family, Operands operands)
    : NumericGate(matmul::kOp, shape, family, std::move(operands)) {}

CheckResult NumericGate::check(const std::vector<float>& output) const {
  return check_f32(expected_, output, floats_of(operands_[problem_->output()]));
}

testing::AssertionResult NumericGate::accepts(Device& device,
                                              const Implementation& implementation,
                                              const vendor::Library* library) const {
  const Outcome outcome =
      run_once(device, implementation, *problem_, operands_, library);
  const CheckResult result = check(outcome.output);
  if (result.ok && outcome.damage.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << implementation.name << " on " << device.caps().uri << ", "
         << problem_->shape() << ", " << to_string(family_) << " ("
         << outcome.configuration << "): " << outcome.damage << result.wrong << " of "
         << result.checked << " wrong, worst " << result.worst << "; " << result.detail;
}

Device* device_or_skip(const std::string& uri) {
  static std::map<std::string, std::shared_ptr<Device>> devices;
  std::shared_ptr<Device>& device = devices[uri];
  if (device == nullptr) {
    try {
      device = open_device(uri);
    } catch (const Error& error) {
      if (error.code() != StatusCode::unavailable) throw;
      [&] { GTEST_SKIP() << error.what(); }();
    }
  }
  return device.get();
}

std::string test_name(std::string_view uri) {
  std::string name;
  bool upper = false;
  for (const char c : uri) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return name;
}

IsaOverride::IsaOverride(Isa isa) {
  const char* const old = std::getenv("ASSAY_ISA");
  had_ = old != nullptr;
  if (had_) old_ = old;
  setenv("ASSAY_ISA", std::string(to_string(isa)).c_str(), 1);
}

IsaOverride::~IsaOverride() {
  if (had_) {
    setenv("ASSAY_ISA", old_.c_str(), 1);
  } else {
    unsetenv("ASSAY_ISA");
  }
}

std::vector<const Implementation*> custom_implementations(const Op& op) {
  // Some need another kind of device than kDeviceUris has; they have tests of their
  // own.
  const std::unique_ptr<Problem> small =
      op.make_problem(op.shape_of_size(4), DType::f32);
  Caps caps;
  caps.host_kernels = true;
  std::vector<const Implementation*> list;
  for (const Implementation& implementation : op.implementations()) {
    if (implementation.provider != Provider::custom) continue;
    if (!implementation.unsupported(*small, caps)) list.push_back(&implementation);
  }
  return list;
}

std::vector<const Implementation*> custom_implementations() {
  return custom_implementations(matmul::kOp);
}

std::vector<const Implementation*> matmul_contestants() {
  static constexpr Implementation kPanels = {
      .name = "panels",
      .provider = Provider::custom,
      .idea = "packed, whatever the size",
      .library = {},
      .unsupported = matmul::packed_unsupported,
      .prepare = [](const PrepareContext& context, const Problem& problem) {
        const matmul::Params& p = matmul::params_of(problem);
        return matmul::multiplies(p)
                   ? matmul::panels_prepare(context, p,
                                            matmul::f32_format(selected_isa()))
                   : matmul::packed_prepare(context, problem);
      }};
  static constexpr Implementation kPlainA = {
      .name = "plain_a",
      .provider = Provider::custom,
      .idea = "packed with op(B) alone in panels, whatever the size",
      .library = {},
      .unsupported = matmul::packed_unsupported,
      .prepare = [](const PrepareContext& context, const Problem& problem) {
        const matmul::Params& p = matmul::params_of(problem);
        // Rows of A are the only way that it can be taken.
        return matmul::multiplies(p) && !p.transpose_a
                   ? matmul::plain_a_prepare(context, p,
                                             matmul::f32_format(selected_isa()))
                   : matmul::packed_prepare(context, problem);
      }};
  std::vector<const Implementation*> list = custom_implementations();
  list.push_back(&kPanels);
  list.push_back(&kPlainA);
  return list;
}

}  // namespace assay::testing_support
