// What libhwloc.a asks of libudev, which Debian has as a shared library only: the names of disks
// and network cards, which this program does not show. There is no udev here, and hwloc goes on
// without.

extern "C" {

void* udev_new() { return nullptr; }
void* udev_unref(void*) { return nullptr; }
void* udev_device_new_from_subsystem_sysname(void*, const char*, const char*) { return nullptr; }
const char* udev_device_get_property_value(void*, const char*) { return nullptr; }
void* udev_device_unref(void*) { return nullptr; }

} // extern "C"
