// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/**
 * The raw bytes of a text value of the current event, as the kernel or the traced process wrote them.
 *
 * {@snippet :
 * byte[] comm = {'c', 'a', 't'};
 * Column column = Column.text("comm", "COMM", 16, into -> {
 *     int length = Math.min(comm.length, into.length);
 *     System.arraycopy(comm, 0, into, 0, length);
 *     return length;
 * });
 * }
 */
public interface TextSource {
    /**
     * Copies the value, without any closing NUL, to the start of {@code into}. A value that fills the whole array is
     * taken to have more to it: the source is then asked again with a larger array, up to 16 MiB, so it must give the same
     * value each time until the next event.
     *
     * @return the number of bytes copied, 0 to {@code into.length}, or -1 when there is no value
     */
    int read(byte[] into);
}
