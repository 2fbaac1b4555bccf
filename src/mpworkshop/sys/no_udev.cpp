// Replaces the functions of libudev that libhwloc.a calls: Debian has libudev only as a shared
// library. It would give the names of disks and network cards, which this program does not show. It
// appears that udev is missing, and hwloc continues without it.

extern "C" {

void* udev_new() { return nullptr; }
void* udev_unref(void*) { return nullptr; }
void* udev_device_new_from_subsystem_sysname(void*, const char*, const char*) { return nullptr; }
const char* udev_device_get_property_value(void*, const char*) { return nullptr; }
void* udev_device_unref(void*) { return nullptr; }

} // extern "C"
