// SPDX-License-Identifier: MIT
// Random programs over several queues, integers only: the result must be the one of a
// single thread that runs the program in order, bit for bit, and the inline device's.
//
// A program is a list of steps on shared buffers. Each step goes to a random queue and
// waits for the steps whose data it touches, by their queue's timeline or by one of its
// own. The queues are then submitted in a random interleaving, so that many a wait
// comes before its signal.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "backends/registry.h"
#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;

constexpr std::size_t kQueues = 4;
constexpr std::size_t kBuffers = 5;
constexpr std::size_t kDagWords = 96;
constexpr std::size_t kSteps = 80;

enum class StepKind : std::uint8_t { mix, copy, fill, host };

struct Step {
  StepKind kind = StepKind::mix;
  std::size_t queue = 0;
  std::size_t source = 0;
  std::size_t target = 0;
  std::uint32_t constant = 0;
  std::uint32_t groups = 1;
  std::vector<std::size_t> after;  // steps of other queues that must be over
  bool own_timeline = false;       // others wait for its timeline, not for its point
};

using Program = std::vector<Step>;
using Contents = std::array<Words, kBuffers>;

// std::uniform_int_distribution differs between libraries; a seed must not.
std::size_t below(std::mt19937& random, std::size_t bound) { return random() % bound; }

Program make_program(unsigned seed) {
  std::mt19937 random(seed);
  Program program;
  std::array<std::vector<std::size_t>, kBuffers>
      touched;  // since the last write, and it
  for (std::size_t i = 0; i < kSteps; ++i) {
    Step step;
    step.kind = static_cast<StepKind>(below(random, 4));
    step.queue = below(random, kQueues);
    step.source = below(random, kBuffers);
    step.target = (step.source + 1 + below(random, kBuffers - 1)) % kBuffers;
    step.constant = static_cast<std::uint32_t>(random());
    step.groups = static_cast<std::uint32_t>(1 + below(random, 6));
    step.own_timeline = below(random, 3) == 0;
    // Reads follow the write, which is first in its list; writes follow all.
    if (!touched[step.source].empty())
      step.after.push_back(touched[step.source].front());
    step.after.insert(step.after.end(), touched[step.target].begin(),
                      touched[step.target].end());
    std::erase_if(step.after, [&](std::size_t other) {
      return program[other].queue == step.queue;  // Ordered by the queue itself.
    });
    // A buffer that was never written has no write to list first: its readers stand in,
    // which orders more than needed and never less.
    touched[step.source].push_back(i);
    touched[step.target] = {i};
    program.push_back(step);
  }
  return program;
}

Contents initial_contents() {
  Contents contents;
  for (std::size_t b = 0; b < kBuffers; ++b) {
    for (std::size_t i = 0; i < kDagWords; ++i) {
      contents[b].push_back(static_cast<std::uint32_t>(b * 1000 + i));
    }
  }
  return contents;
}

Contents run_in_order(const Program& program) {
  Contents contents = initial_contents();
  for (const Step& step : program) {
    Words& target = contents[step.target];
    switch (step.kind) {
      case StepKind::mix:
      case StepKind::host:
        mix_words(target, contents[step.source], step.constant);
        break;
      case StepKind::copy:
        target = contents[step.source];
        break;
      case StepKind::fill:
        std::ranges::fill(target, step.constant);
        break;
    }
  }
  return contents;
}

class DeviceRun {
 public:
  explicit DeviceRun(Device& device) : device_(device) {
    kernel_ = device.create_kernel(mix_kernel());
    for (const Words& words : initial_contents()) {
      buffers_.push_back(make_buffer(device, kDagWords * 4));
      mappings_.push_back(buffers_.back()->map());
      std::ranges::copy(words, mappings_.back().as<std::uint32_t>().begin());
      mappings_.back().flush();
    }
  }

  Contents run(const Program& program, unsigned seed) {
    std::vector<std::shared_ptr<Queue>> queues;
    std::array<std::vector<std::size_t>, kQueues> pending;  // steps, the next one last
    std::vector<Point> points(program.size());
    for (std::size_t q = 0; q < kQueues; ++q) queues.push_back(device_.create_queue());
    for (std::size_t i = 0; i < program.size(); ++i) {
      std::vector<std::size_t>& mine = pending.at(program[i].queue);
      mine.insert(mine.begin(), i);
      // Known before the submission: where the queue's timeline will be.
      points[i] = {queues[program[i].queue]->last().timeline, mine.size()};
      if (program[i].own_timeline) points[i] = {device_.create_timeline(), 1};
    }
    std::mt19937 random(seed);
    for (std::size_t left = program.size(); left > 0;) {
      std::vector<std::size_t>& mine = pending.at(below(random, kQueues));
      // A few at a time, so that some queues run far ahead of their waits.
      for (std::size_t n = 1 + below(random, 8); n > 0 && !mine.empty(); --n, --left) {
        const Step& step = program[mine.back()];
        std::vector<Point> waits;
        for (const std::size_t other : step.after) waits.push_back(points[other]);
        std::vector<Point> signals;
        if (step.own_timeline) signals.push_back(points[mine.back()]);
        queues[step.queue]->submit(commands(step), waits, signals);
        mine.pop_back();
      }
    }
    for (const std::shared_ptr<Queue>& queue : queues) {
      EXPECT_TRUE(is_ok(queue->synchronize()));
    }
    Contents contents;
    for (std::size_t b = 0; b < kBuffers; ++b) {
      const std::span<const std::uint32_t> words = mappings_[b].as<std::uint32_t>();
      contents[b].assign(words.begin(), words.end());
    }
    return contents;
  }

 private:
  Commands commands(const Step& step) {
    const std::shared_ptr<Buffer>& source = buffers_[step.source];
    const std::shared_ptr<Buffer>& target = buffers_[step.target];
    return record(device_, [&](CommandEncoder& encoder) {
      switch (step.kind) {
        case StepKind::mix:
          encoder.dispatch(kernel_, {step.groups, 1, 1}, {{source}, {target}},
                           step.constant);
          break;
        case StepKind::copy:
          encoder.copy({source}, {target});
          break;
        case StepKind::fill:
          encoder.fill({target}, step.constant);
          break;
        case StepKind::host:
          encoder.host_call({"mix", [from = mappings_[step.source].as<std::uint32_t>(),
                                     to = mappings_[step.target].as<std::uint32_t>(),
                                     constant = step.constant] {
                               mix_words(to, from, constant);
                               return Status();
                             }});
          break;
      }
    });
  }

  Device& device_;
  std::shared_ptr<Kernel> kernel_;
  std::vector<std::shared_ptr<Buffer>> buffers_;
  std::vector<Mapping> mappings_;
};

class RandomDagTest : public ConformanceTest {};
RUN_ON_EVERY_DEVICE(RandomDagTest);

TEST_P(RandomDagTest, EqualsTheProgramRunInOrder) {
  const std::shared_ptr<Device> reference = open_device("inline://");
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const Program program = make_program(seed);
    const Contents expected = run_in_order(program);
    ASSERT_EQ(DeviceRun(device()).run(program, seed), expected) << "seed " << seed;
    ASSERT_EQ(DeviceRun(*reference).run(program, seed + 1), expected)
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace assay::conformance
