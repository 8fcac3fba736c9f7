// SPDX-License-Identifier: MIT
#include "backends/runtime/short_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace assay::runtime {
namespace {

using Shared = std::shared_ptr<int>;

template <typename T>
std::vector<T> contents(const ShortList<T>& list) {
  return {list.begin(), list.end()};
}

TEST(ShortListTest, KeepsOrderAcrossItsFirstElement) {
  ShortList<std::string> list;
  EXPECT_EQ(list.begin(), list.end());
  std::vector<std::string> wanted;
  for (int i = 0; i < 100; ++i) {
    wanted.push_back("element with memory of its own " + std::to_string(i));
    EXPECT_EQ(list.emplace_back(wanted.back()), wanted.back());
    EXPECT_EQ(list.back(), wanted.back());
    EXPECT_EQ(list.size(), wanted.size());
    EXPECT_EQ(contents(list), wanted);
  }
}

TEST(ShortListTest, GrowsAgainFromWhereItWasCutTo) {
  // Cut back to `kept` of `grown`, with the first inside the list or no longer there.
  for (int grown = 1; grown < 4; ++grown) {
    for (int kept = 0; kept < grown; ++kept) {
      ShortList<int> list;
      std::vector<int> wanted;
      for (int i = 0; i < grown; ++i) {
        list.emplace_back(i);
        wanted.push_back(i);
      }
      for (int i = grown; i > kept; --i) {
        list.pop_back();
        wanted.pop_back();
      }
      EXPECT_EQ(contents(list), wanted);
      for (int i = 10; i < 14; ++i) {
        list.emplace_back(i);
        wanted.push_back(i);
      }
      EXPECT_EQ(contents(list), wanted) << grown << ", " << kept;
    }
  }
}

TEST(ShortListTest, AnElementMayBeMadeOfOneThatMoves) {
  ShortList<std::string> list;
  list.emplace_back(std::string(100, 'x'));
  list.emplace_back(list.back());
  EXPECT_EQ(contents(list), std::vector(2, std::string(100, 'x')));
}

TEST(ShortListTest, EveryElementEndsOnce) {
  const Shared object = std::make_shared<int>(1);
  {
    ShortList<Shared> list;
    for (long i = 1; i < 6; ++i) {
      list.emplace_back(object);
      EXPECT_EQ(object.use_count(), i + 1);
    }
    list.pop_back();
    EXPECT_EQ(object.use_count(), 5);
  }
  EXPECT_EQ(object.use_count(), 1);
}

struct Throwing {
  explicit Throwing(bool now) {
    if (now) throw 1;
  }
};

TEST(ShortListTest, IsAsBeforeWhenAnElementThrows) {
  ShortList<Throwing> list;
  for (std::size_t size = 0; size < 4; ++size) {
    EXPECT_THROW(list.emplace_back(true), int);
    EXPECT_EQ(list.size(), size);
    list.emplace_back(false);
    EXPECT_EQ(list.size(), size + 1);
  }
}

}  // namespace
}  // namespace assay::runtime
