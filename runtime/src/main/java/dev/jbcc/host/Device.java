// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

/** Takes apart a device number as stat(2) gives it: makedev(3) of the C library. */
final class Device {
    private Device() {}

    static int major(long stat) {
        return (int) (stat >>> 8 & 0xFFF | stat >>> 32 & 0xFFFF_F000L);
    }

    static int minor(long stat) {
        return (int) (stat & 0xFF | stat >>> 12 & 0xFFFF_FF00L);
    }
}
