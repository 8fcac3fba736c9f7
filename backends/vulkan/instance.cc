// SPDX-License-Identifier: MIT
#include "backends/vulkan/instance.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <string_view>

#include "backends/runtime/diagnostics.h"

namespace assay::vulkan {
namespace {

constexpr const char* kLayer = "VK_LAYER_KHRONOS_validation";

// Whatever the layer reports is a defect of ours: performance hints are not asked for.
VKAPI_ATTR VkBool32 VKAPI_CALL report(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                      VkDebugUtilsMessageTypeFlagsEXT,
                                      const VkDebugUtilsMessengerCallbackDataEXT* data,
                                      void*) {
  if (data->pMessageIdName != nullptr && is_of_the_layer_itself(data->pMessageIdName)) {
    return VK_FALSE;
  }
  runtime::report_diagnostic(std::string("validation: ") + data->pMessage);
  return VK_FALSE;
}

bool has_layer() {
  std::uint32_t count = 0;
  if (vkEnumerateInstanceLayerProperties(&count, nullptr) != VK_SUCCESS) return false;
  std::vector<VkLayerProperties> layers(count);
  vkEnumerateInstanceLayerProperties(&count, layers.data());
  return std::any_of(layers.begin(), layers.end(), [](const VkLayerProperties& layer) {
    return std::string_view(layer.layerName) == kLayer;
  });
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info() {
  auto info = make<VkDebugUtilsMessengerCreateInfoEXT>(
      VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT);
  info.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
  info.pfnUserCallback = report;
  return info;
}

VkInstance create(bool validated) {
  auto application = make<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
  application.pApplicationName = "assay";
  application.apiVersion = VK_API_VERSION_1_3;

  auto info = make<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
  info.pApplicationInfo = &application;

  // Core and thread checks are on by themselves.
  constexpr std::array kChecks = {
      VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
  auto messenger = messenger_info();
  auto features = make<VkValidationFeaturesEXT>(
      VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT, &messenger);
  features.enabledValidationFeatureCount = kChecks.size();
  features.pEnabledValidationFeatures = kChecks.data();
  constexpr std::array kExtensions = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME};
  if (validated) {
    info.pNext = &features;
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &kLayer;
    info.enabledExtensionCount = kExtensions.size();
    info.ppEnabledExtensionNames = kExtensions.data();
  }
  VkInstance handle = VK_NULL_HANDLE;
  require(vkCreateInstance(&info, nullptr, &handle), "vkCreateInstance");
  // The loader's entry points go by handle, so those of the last instance serve all.
  volkLoadInstanceOnly(handle);
  if (validated) {
    VkDebugUtilsMessengerEXT reporter = VK_NULL_HANDLE;
    require(vkCreateDebugUtilsMessengerEXT(handle, &messenger, nullptr, &reporter),
            "vkCreateDebugUtilsMessengerEXT");
  }
  return handle;
}

}  // namespace

bool is_of_the_layer_itself(std::string_view message_id) noexcept {
  return message_id.starts_with("UNASSIGNED-") &&
         message_id.ends_with("-state-timeout");
}

const Instance& instance(Validation validation) {
  static std::mutex mutex;
  static Instance plain;
  static Instance validated;
  const std::lock_guard lock(mutex);
  if (volkInitialize() != VK_SUCCESS) {
    throw Error(StatusCode::unavailable,
                "no Vulkan loader: install libvulkan1 and a driver, such as "
                "mesa-vulkan-drivers");
  }
  if (validation == Validation::on && validated.handle == VK_NULL_HANDLE &&
      !has_layer()) {
    throw Error(StatusCode::unavailable,
                std::string(kLayer) +
                    " is not installed: install vulkan-validationlayers, or open "
                    "with validate=off");
  }
  const bool wanted = validation == Validation::on ||
                      (validation == Validation::automatic &&
                       (validated.handle != VK_NULL_HANDLE || has_layer()));
  Instance& chosen = wanted ? validated : plain;
  if (chosen.handle == VK_NULL_HANDLE) chosen = {create(wanted), wanted};
  return chosen;
}

std::vector<VkPhysicalDevice> physical_devices(const Instance& instance) {
  std::uint32_t count = 0;
  require(vkEnumeratePhysicalDevices(instance.handle, &count, nullptr),
          "vkEnumeratePhysicalDevices");
  std::vector<VkPhysicalDevice> devices(count);
  require(vkEnumeratePhysicalDevices(instance.handle, &count, devices.data()),
          "vkEnumeratePhysicalDevices");
  return devices;
}

}  // namespace assay::vulkan
